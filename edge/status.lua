-- Gives an answer its HTTP status, and is called only for those that need another one (envoy.yaml has the
-- condition). It stands before the transcoder in the list of filters, so it runs after it: answers pass the
-- list backwards. It has no envoy_on_request, which would cost every request a coroutine.

-- Answers that no server rendered: gRPC refused or lost the call, and the transcoder has made headers
-- of it, without a body. The keys are gRPC codes. Not one becomes a 503: clients repeat those blindly,
-- and gRPC says UNAVAILABLE also of calls that a stopping server cuts off in the middle.
local UNRENDERED = {
  ["1"] = { "504", "the outcome of the request is unknown" },
  ["4"] = { "504", "the request took too long; its outcome is unknown" },
  ["12"] = { "404", "not found" }, -- an older server behind a newer edge
  ["14"] = { "504", "the outcome of the request is unknown" },
  -- HTTP statuses. The first is of a server that takes edges' calls another way (CONJURE_EDGE_CALLS) and has
  -- done nothing.
  ["503"] = { "503", "the service is busy; nothing was changed" },
  ["415"] = { "415", "the media type is not supported" }, -- see routes.py
}
-- Envoy refused a gRPC call before it looked for a route, and put its JSON where gRPC has its text.
local UNREADABLE = { "400", "malformed request" }
local OTHERWISE = { "500", "internal error" }

function envoy_on_response(handle)
  local headers = handle:headers()
  local status = headers:get("x-http-status")
  local code = headers:get("grpc-status")
  if code ~= nil and code ~= "0" then
    local answer = UNRENDERED[status or code] or OTHERWISE
    local text = headers:get("grpc-message")
    if status == nil and text ~= nil and text:sub(1, 10) == '{"detail":' then
      answer = UNREADABLE
    end
    -- For the access log, which is written when the gRPC status has been removed.
    handle:streamInfo():dynamicMetadata():set("conjure", "grpc_status", tonumber(code))
    headers:remove("x-http-status")
    if status ~= "503" then
      headers:remove("retry-after")
    end
    headers:replace(":status", answer[1])
    headers:replace("content-type", "application/json")
    local body = handle:body(true)
    if body then -- there is none to fill when headers were sent before the call failed
      body:setBytes('{"detail":"' .. answer[2] .. '","schemaVersion":"1.0"}')
    end
  elseif status ~= nil then
    headers:replace(":status", status)
    headers:remove("x-http-status")
    if status == "304" or status == "204" then
      -- Neither may have a body: on HTTP/1.1 its bytes would be read as the next answer.
      headers:remove("content-type")
      handle:body(true):setBytes("")
      handle:headers():remove("content-length") -- `headers` is dead once body() has waited
    end
  end
end
