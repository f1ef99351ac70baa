-- What wrk sends: one request, with a credential from a file, one after the other. One thread only.
-- Arguments: verb, path, file of credentials (a line each; an empty one is none), body ('' for none), 'once' or
-- 'again', milliseconds that a connection rests between two requests (0: none).
-- Who rests has time to count statuses, too.
-- With 'once' the run ends when the last credential was used: a fresh token is fresh only once.
local credentials, at, once = {}, 0, false
local thread
refusals = {} -- how often each status but 2xx and 3xx came; global: done() asks the thread for it

function setup(the_only_one)
  thread = the_only_one
end

function init(args)
  wrk.method, wrk.path, once = args[1], args[2], args[5] == "once"
  for line in io.lines(args[3]) do
    credentials[#credentials + 1] = line ~= "" and "Bearer " .. line or nil
  end
  local rest_ms = tonumber(args[6])
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
  if args[4] ~= "" then
    local file = assert(io.open(args[4]))
    wrk.body = file:read("*a")
    file:close()
  end
end

function request()
  if #credentials == 0 then
    return wrk.format()
  end
  at = at + 1
  if at > #credentials then
    if once then
      wrk.thread:stop()
    end
    at = 1
  end
  wrk.headers["authorization"] = credentials[at]
  return wrk.format()
end

-- One line of JSON, for tools.py. Times in microseconds.
function done(summary, latency)
  local failed, refused = summary.errors, {}
  for status, count in pairs(thread:get("refusals")) do
    refused[#refused + 1] = string.format('"%s": %d', status, count)
  end
  io.write(string.format(
    '{"requests": %d, "duration": %d, "p50": %d, "p99": %d, "max": %d, "status": %d, "connect": %d, "read": %d, '
      .. '"write": %d, "timeout": %d, "refusals": {%s}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    failed.status, failed.connect, failed.read, failed.write, failed.timeout, table.concat(refused, ", ")))
end
