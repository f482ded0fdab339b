-- Posts the bodies of a file in turn, one a line, as one caller after the other, and prints what came of it as JSON.
local requests, number, threads = {}, 0, {}
wrong = 0 -- answers of status 200 that tell of errors; global, so that the main thread can ask for it

function setup(thread)
  threads[#threads + 1] = thread
end

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

function response(status, headers, body)
  -- An answer with errors is short, or says so at its beginning.
  local beginning = #body < 2000 and body or body:sub(1, 100)
  if beginning:find('"errors"', 1, true) then wrong = wrong + 1 end
end

function done(summary, latency)
  local failed, told = summary.errors, 0
  for _, thread in ipairs(threads) do told = told + thread:get("wrong") end
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    failed.status + told, failed.connect + failed.read + failed.write + failed.timeout
  ))
end
