"""The vocabularies of the field as data: capabilities, value-chain stages, S3 areas.

* capabilities: JRC European Cybersecurity Taxonomy (domains D.., sub-domains D..., sectors S.., technologies T..);
* stages: the six functions of NIST CSF 2.0, plus research, training, certification and integration;
* S3 areas: the areas of Smart Specialisation Strategies.
"""

from csr_match.taxonomy.scheme import Concept, Scheme, capabilities, cues, label_of, s3_areas, stages, taxonomy_version

__all__ = ["Concept", "Scheme", "capabilities", "cues", "label_of", "s3_areas", "stages", "taxonomy_version"]
