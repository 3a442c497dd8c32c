"""The towns of the prefecture: who they are, who works there, what they buy from whom."""

from municipalities.registry.models.bodies import Municipality, Population, Prefecture, SchemeUse
from municipalities.registry.models.contracts import VendorContract
from municipalities.registry.models.groups import Group, GroupMember
from municipalities.registry.models.importing import DealImport, FileImport
from municipalities.registry.models.procurements import PlannedProcurement, ProcurementParty
from municipalities.registry.models.staff import Invitation, Membership

__all__ = [
    "DealImport",
    "FileImport",
    "Group",
    "GroupMember",
    "Invitation",
    "Membership",
    "Municipality",
    "PlannedProcurement",
    "Population",
    "Prefecture",
    "ProcurementParty",
    "SchemeUse",
    "VendorContract",
]
