"""Formulas as MathML, written when the pages are built: browsers show them without scripts, fonts or a network."""

from typing import Any

import latex2mathml.converter
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

_LOG = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Make this the renderer of all formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(_converted(node, "inline"))
    raise nodes.SkipNode


def _display(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{_converted(node, "block")}</div>\n')
    raise nodes.SkipNode


def _converted(node: nodes.Element, display: str) -> str:
    text = node.astext()
    try:
        formula = latex2mathml.converter.convert(text, display=display)
    except Exception as error:  # the package raises many kinds, all of them faults of the formula
        _LOG.warning("formula '%s' cannot be read: %r", text, error, location=node)
        return writer_safe(text)
    if "\\" in formula:
        _LOG.warning("formula '%s' holds a command that is not known", text, location=node)
    return formula


def writer_safe(text: str) -> str:
    """Return `text` as HTML code, for a formula that cannot be shown otherwise."""
    return f"<code>{text.replace('&', '&amp;').replace('<', '&lt;')}</code>"
