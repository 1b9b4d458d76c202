-- wrk: each request is a buyer of one pair of the hot listing, with a key of its own. Arguments: a file of tokens, the listing.
-- What was answered is counted by code; wrk prints "codes 201=... 409=..." at the end.
local threads = {}

function setup(thread)
	thread:set("number", #threads + 1)
	threads[#threads + 1] = thread
end

function init(args)
	tokens, codes, n = {}, {}, 0
	for line in io.lines(args[1]) do
		tokens[#tokens + 1] = line
	end
	body = '{"items":[{"listing_id":' .. args[2] .. ',"quantity":1}]}'
	run = tostring(os.time()) .. "-" .. number
end

function request()
	n = n + 1
	return wrk.format("POST", "/api/checkout", {
		["Content-Type"] = "application/json",
		["Authorization"] = "Bearer " .. tokens[(n * 7 + number) % #tokens + 1],
		["Idempotency-Key"] = run .. "-" .. n,
	}, body)
end

function response(status)
	codes[status] = (codes[status] or 0) + 1
end

function done()
	local all = {}
	for _, thread in ipairs(threads) do
		for status, count in pairs(thread:get("codes")) do
			all[status] = (all[status] or 0) + count
		end
	end
	for status, count in pairs(all) do
		io.write("code ", status, " ", count, "\n")
	end
end
