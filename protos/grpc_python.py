"""gRPC for Python as a plugin of `buf generate`: only the protoc of grpcio-tools has it, built in."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc


def generate(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """Answers as protoc's own plugin would."""
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    with tempfile.TemporaryDirectory() as temporary:
        described, out = Path(temporary, "set.binpb"), Path(temporary, "out")
        described.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
        out.mkdir()
        arguments = (f"--descriptor_set_in={described}", f"--grpc_python_out={out}")
        code = protoc.main(["protoc", *arguments, *request.file_to_generate])
        if code:
            response.error = f"protoc failed ({code})"
        for made in sorted(out.rglob("*.py")):
            name = made.relative_to(out).as_posix()
            response.file.add(name=name, content=made.read_text())
    return response


if __name__ == "__main__":
    answer = generate(CodeGeneratorRequest.FromString(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(answer.SerializeToString())
