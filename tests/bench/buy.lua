-- wrk: each request is a buyer of one pair, with a key of its own. Arguments: a file of tokens; the listing, or a file of listings over
-- which the requests are spread evenly. The load runs on the machine that is measured, so the requests are put together from parts made
-- before, and nothing is called for an answer: wrk itself counts those that are not 2xx.
local threads = 0

function setup(thread)
	threads = threads + 1
	thread:set("number", threads)
end

local function lines(path)
	local all = {}
	for line in io.lines(path) do
		all[#all + 1] = line
	end
	return all
end

function init(args)
	heads, tails, n = {}, {}, 0
	local run = os.time() .. "-" .. number .. "-"
	for i, token in ipairs(lines(args[1])) do
		heads[i] = "POST /api/checkout HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nContent-Type: application/json\r\nAuthorization: Bearer " ..
			token .. "\r\nIdempotency-Key: " .. run
	end
	for i, listing in ipairs(tonumber(args[2]) and { args[2] } or lines(args[2])) do
		local body = '{"items":[{"listing_id":' .. listing .. ',"quantity":1}]}'
		tails[i] = "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
	end
end

function request()
	n = n + 1
	return heads[(n * 7 + number) % #heads + 1] .. n .. tails[n * 7919 % #tails + 1]
end
