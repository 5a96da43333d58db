# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How a score is made
#
# One match from the sentence to the number: passages, likeness, components, contributions, and what a quoted
# sentence is worth. Everything runs offline on the shipped directory.

# %%
import tempfile
from pathlib import Path

import numpy as np

from csr_match import Matcher, Wish, Workspace
from csr_match.encode import EncoderConfig
from csr_match.index import open_directory
from csr_match.ingest.load import load_paths
from csr_match.portray.opening import encoder_settings, open_portrayer
from csr_match.resources import shipped

config = EncoderConfig()
workspace = Workspace(Path(tempfile.mkdtemp()) / "workspace")
portrayer = open_portrayer(config, workspace.vectors)
report = load_paths(workspace, [shipped("profiles")], portrayer, encoder_settings(config))
directory = open_directory(workspace, portrayer)
print(f"{len(report.added)} records, {len(directory)} organisations, {len(directory.vectors)} passages")

# %% [markdown]
# ## From cosine to likeness
#
# Raw cosines of the encoder lie between .8 and .95 whatever the texts say. The space takes out a mean per language,
# keeps what tells concepts apart, and reads the rest through a curve estimated on needs and offers of our own.

# %%
texts = [
    "A laboratory that tests the security of industrial controllers.",
    "Nous testons la sécurité des automates industriels en laboratoire.",
    "Courses in cybersecurity for municipal staff.",
    "Founded in 2001, with offices in three cities.",
]
space = portrayer.space
vectors = space.encode(texts)
print("likeness\n", space.calibration.likeness(vectors @ vectors.T).round(2))
print("salience", space.calibration.salience(vectors).round(2))

# %% [markdown]
# ## Components and contributions
#
# Unknown components (value None) count their neutral value; contributions add up to the score.

# %%
matcher = Matcher(workspace)
ranking = matcher.match("bretagne-developpement-innovation")
best = ranking.matches[0]
print(best.organisation.label, round(best.score, 3), best.relation)
for c in best.components:
    value = "unknown" if c.value is None else f"{c.value:.2f}"
    print(f"{c.name:<28}{value:>8} x {c.weight:.2f} -> {c.contribution:.3f}")
assert np.isclose(sum(c.contribution for c in best.components), best.score)

# %% [markdown]
# ## What a quoted sentence is worth
#
# Measured: the candidate is scored again as if it had not written the sentence.

# %%
for quote in best.quotes:
    print(f"{quote.theirs.contribution:+.3f}  {quote.theirs.text}\n        answers: {quote.ours.text}\n")

# %% [markdown]
# ## How scores spread
#
# Most of the directory is no partner for one organisation; the few at the top are.

# %%
scores = np.array([m.score for m in matcher.match(best.organisation.id, Wish(top=1000)).matches])
counts, edges = np.histogram(scores, bins=12)
for count, left, right in zip(counts, edges, edges[1:], strict=False):
    print(f"{left:.2f}-{right:.2f} {'#' * int(count)}")
