-- Posts the bodies of a file in turn, one a line, as one caller after the other, and prints what came of it as JSON.
-- It looks at the status of answers only: to look into large ones takes so long that it would be measured, too.
local requests, number = {}, 0

function init()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  local tokens = {}
  for token in os.getenv("TOKENS"):gmatch("%S+") do tokens[#tokens + 1] = token end
  for body in io.lines(os.getenv("BODIES")) do
    wrk.headers["Authorization"] = "Bearer " .. tokens[#requests % #tokens + 1]
    requests[#requests + 1] = wrk.format(nil, nil, nil, body)
  end
end

function request()
  number = number % #requests + 1
  return requests[number]
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    failed.status, failed.connect + failed.read + failed.write + failed.timeout
  ))
end
