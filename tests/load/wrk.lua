-- What wrk sends: one kind of request, with credentials, paths and bodies that take turns. One thread only.
-- Arguments: verb; a folder; 'once' or 'again'; milliseconds that a connection rests between two requests (0: none).
-- The folder has `paths`, and where there are any `credentials`, `headers` (name: value) and `bodies`, a line each; or
-- `body`, one that is sent as it is. An empty credential is none.
-- Who rests has time to count statuses, too.
-- With 'once' the run ends when the last credential was used: a fresh token is fresh only once.
local credentials, paths, bodies, at, once = {}, {}, {}, 0, false
local thread
refusals = {} -- how often each status but 2xx and 3xx came; global: done() asks the thread for it

local function lines_of(folder, name)
  local found = {}
  local file = io.open(folder .. "/" .. name)
  if file then
    for line in file:lines() do
      found[#found + 1] = line
    end
    file:close()
  end
  return found
end

function setup(the_only_one)
  thread = the_only_one
end

function init(args)
  local folder = args[2]
  wrk.method, once = args[1], args[3] == "once"
  local rest_ms = tonumber(args[4])
  paths, bodies = lines_of(folder, "paths"), lines_of(folder, "bodies")
  for _, line in ipairs(lines_of(folder, "credentials")) do
    credentials[#credentials + 1] = line ~= "" and "Bearer " .. line or nil
  end
  if rest_ms > 0 then
    delay = function()
      return rest_ms
    end
    response = function(status)
      if status >= 400 then
        refusals[tostring(status)] = (refusals[tostring(status)] or 0) + 1
      end
    end
  end
  wrk.headers["content-type"] = "application/json"
  for _, line in ipairs(lines_of(folder, "headers")) do
    local name, value = line:match("^(.-): (.*)$")
    wrk.headers[name] = value
  end
  local file = io.open(folder .. "/body")
  if file then
    wrk.body = file:read("*a")
    file:close()
  end
end

function request()
  at = at + 1
  if once and at > #credentials then
    wrk.thread:stop()
  end
  if #credentials > 0 then
    wrk.headers["authorization"] = credentials[(at - 1) % #credentials + 1]
  end
  local body = #bodies > 0 and bodies[(at - 1) % #bodies + 1] or nil
  return wrk.format(nil, paths[(at - 1) % #paths + 1], nil, body)
end

-- One line of JSON, for tools.py. Times in microseconds; `bytes` are all that was answered, heads too.
function done(summary, latency)
  local failed, refused = summary.errors, {}
  for status, count in pairs(thread:get("refusals")) do
    refused[#refused + 1] = string.format('"%s": %d', status, count)
  end
  io.write(string.format(
    '{"requests": %d, "bytes": %d, "duration": %d, "p50": %d, "p99": %d, "max": %d, "status": %d, "connect": %d, '
      .. '"read": %d, "write": %d, "timeout": %d, "refusals": {%s}}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    failed.status, failed.connect, failed.read, failed.write, failed.timeout, table.concat(refused, ", ")))
end
