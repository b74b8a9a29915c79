"""Reports: a theorem's derivation, verdict and evidence as Markdown, written so that it can be checked again."""

from derive.report.check import Checked, Tools, check_report, check_summary
from derive.report.envelope import Envelope, envelope_of
from derive.report.files import NotWritten, write_file
from derive.report.values import ExactModel, Report, Simulated
from derive.report.write import write, write_summary

__all__ = [
    "Checked",
    "Envelope",
    "ExactModel",
    "NotWritten",
    "Report",
    "Simulated",
    "Tools",
    "check_report",
    "check_summary",
    "envelope_of",
    "write",
    "write_file",
    "write_summary",
]
