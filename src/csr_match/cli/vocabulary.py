"""The vocabularies, for those who write profiles and filters."""

from __future__ import annotations

import click

from csr_match.cli.options import as_json, print_json


@click.command("taxonomy")
@click.argument("scheme", type=click.Choice(["capabilities", "stages", "s3"]))
@click.option("--find", help="Only concepts whose id, label, gloss or aliases hold this.")
@click.option("--lang", default="en", show_default=True, type=click.Choice(["en", "fr", "de", "es", "it", "fi", "et"]))
@as_json
def taxonomy_command(scheme: str, find: str | None, lang: str, as_json: bool) -> None:
    """List the ids of capabilities (JRC), stages (NIST CSF and four more) or S3 areas, with label and gloss."""
    from csr_match import taxonomy

    chosen = {"capabilities": taxonomy.capabilities, "stages": taxonomy.stages, "s3": taxonomy.s3_areas}[scheme]()
    wanted = (find or "").casefold()
    found = [c for c in chosen if wanted in " ".join([c.id, c.label[lang], c.gloss[lang], *c.aliases[lang]]).casefold()]
    if as_json:
        rows = [
            {"id": c.id, "parent": c.parent, "kind": c.kind, "label": c.label[lang], "gloss": c.gloss[lang],
             "aliases": list(c.aliases[lang]), "source": c.source or chosen.source}
            for c in found
        ]  # fmt: skip
        print_json({"title": chosen.title, "version": chosen.version, "source": chosen.source, "concepts": rows})
        return
    click.echo(f"{chosen.title} ({chosen.version}): {len(found)} of {len(chosen)} concepts")
    for concept in found:
        click.echo(f"{concept.id:<26} {concept.label[lang]}\n{'':<26} {concept.gloss[lang]}")
