-- For the other scripts of wrk: counts what was answered by code, and prints "code 201 1234" for each at the end. Gives each thread its `number`.
local threads = {}

codes = {}

function setup(thread)
	thread:set("number", #threads + 1)
	threads[#threads + 1] = thread
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
