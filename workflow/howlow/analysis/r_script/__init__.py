"""A script in R that fits the primary analyses of a study again, with other people's software."""

from howlow.analysis.r_script.blocks import Block
from howlow.analysis.r_script.script import r_script

__all__ = ["Block", "r_script"]
