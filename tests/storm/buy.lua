-- wrk: each request is a buyer of one pair, with a key of its own. Arguments: a file of tokens; the listing, or a file of listings over
-- which the requests are spread evenly.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
dofile(here .. "codes.lua")

local function lines(path)
	local all = {}
	for line in io.lines(path) do
		all[#all + 1] = line
	end
	return all
end

function init(args)
	tokens, n = lines(args[1]), 0
	local listings = tonumber(args[2]) and { args[2] } or lines(args[2])
	bodies = {}
	for i, listing in ipairs(listings) do
		bodies[i] = '{"items":[{"listing_id":' .. listing .. ',"quantity":1}]}'
	end
	run = tostring(os.time()) .. "-" .. number
end

function request()
	n = n + 1
	return wrk.format("POST", "/api/checkout", {
		["Content-Type"] = "application/json",
		["Authorization"] = "Bearer " .. tokens[(n * 7 + number) % #tokens + 1],
		["Idempotency-Key"] = run .. "-" .. n,
	}, bodies[n * 7919 % #bodies + 1])
end
