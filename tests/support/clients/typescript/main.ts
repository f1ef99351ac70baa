// A caller of what is generated: its types hold what the contract says.
import { create, fromBinary, toBinary, type DescService } from "@bufbuild/protobuf";
import { ApiErrorSchema, Reason } from "./conjure/v1/errors_pb.js";
import { GetWorldRequestSchema, WorldService } from "./conjure/v1/world_service_pb.js";

const service: DescService = WorldService;
const request = create(GetWorldRequestSchema, { id: "w" });
const error = fromBinary(ApiErrorSchema, new Uint8Array());
const isGone: boolean = error.reason === Reason.NOT_FOUND && error.httpStatus === 404;
console.log(service.typeName, toBinary(GetWorldRequestSchema, request), isGone);
// @ts-expect-error: an id is a text
create(GetWorldRequestSchema, { id: 1 });
