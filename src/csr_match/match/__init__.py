"""The similarity engine: components, score, ranking, explanation."""

from csr_match.match.config import COMPONENTS, MatchConfig
from csr_match.match.filters import Filters
from csr_match.match.matcher import Matcher, Ranking, Wish

__all__ = ["COMPONENTS", "Filters", "MatchConfig", "Matcher", "Ranking", "Wish"]
