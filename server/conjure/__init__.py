"""Conjure: the self-hosted backend of the Programmable Worlds API."""

import os

from conjure.core import grpc_environment

__version__ = "0.3.0"  # the one place for it: hatchling and the client's wheel read it here

grpc_environment.prepare(os.environ)  # before anything of ours imports gRPC
