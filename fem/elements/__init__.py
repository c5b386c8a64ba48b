"""From geometry to kinematics: quadrature, material points, unknowns. No physics."""
