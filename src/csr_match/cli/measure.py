"""Commands that measure: calibrate an encoder, evaluate the matcher."""

from __future__ import annotations

from pathlib import Path

import click

from csr_match.cli.options import as_json, print_json, say


@click.command("calibrate")
@click.argument("encoder")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of models.")
def calibrate_command(encoder: str, out: Path) -> None:
    """Estimate the calibration of ENCODER (means by language, likeness curve, concepts) and write it below OUT."""
    from csr_match.encode import EncoderConfig
    from csr_match.encode.backends import load_encoder
    from csr_match.encode.calibrate import calibrate
    from csr_match.encode.catalog import model

    found = model(encoder)
    calibration = calibrate(load_encoder(EncoderConfig(encoder), found, say), found.key)
    folder = out / found.key
    folder.mkdir(parents=True, exist_ok=True)
    calibration.save(folder)
    click.echo(f"{folder}: slope {calibration.slope:.3f}, intercept {calibration.intercept:.3f}")


@click.command("evaluate")
@click.argument("probe", type=click.Choice(["languages", "needs", "tags", "offtopic", "components"]))
@as_json
@click.pass_obj
def evaluate_command(workspace: Path, probe: str, as_json: bool) -> None:
    """Measure the matcher on a held-out probe, with 95 % bootstrap intervals.

    languages: other languages against English; needs: the right offer among five; tags: JRC domains;
    offtopic: "no good partner here"; components: means over the workspace's interregional pairs.
    """
    from csr_match.evaluate import probes
    from csr_match.match import Matcher
    from csr_match.store import Workspace

    with Workspace(workspace, must_exist=True) as opened:
        matcher = Matcher(opened, say=say)
        portrayer = matcher.portrayer
        measure = {
            "languages": lambda: probes.languages(matcher),
            "needs": lambda: probes.needs(matcher),
            "tags": lambda: probes.tags(portrayer.tagger, portrayer.space),
            "offtopic": lambda: probes.offtopic(matcher),
            "components": lambda: probes.components(matcher),
        }
        figures = measure[probe]()
    if as_json:
        print_json({"probe": probe, "encoder": portrayer.space.fingerprint, "figures": probes.as_dict(figures)})
        return
    click.echo(f"{probe}, encoder {portrayer.space.fingerprint}")
    for name, figure in figures.items():
        click.echo(f"  {name:<28} {figure}")
