"""``facetgap schema``: the JSON schema of case files, for editors."""

import click


@click.command("schema")
def command() -> None:
    """Print the JSON schema of case files; name it on their first line and editors help and check."""
    import json

    from fem.case.schema import Case

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Case.model_json_schema()}
    click.echo(json.dumps({**schema, "title": "facetgap case"}, indent=2, ensure_ascii=False))
