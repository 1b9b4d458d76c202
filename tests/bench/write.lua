-- wrk: each request makes something new. Arguments: "account" or "listing"; a file of sellers ("TOKEN SHOP" in each line).
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
dofile(here .. "codes.lua")

function init(args)
	kind, sellers, n = args[1], {}, 0
	for line in io.lines(args[2]) do
		local token, shop = line:match("^(%S+) (%d+)$")
		sellers[#sellers + 1] = { token = token, path = "/api/shops/" .. shop .. "/listings" }
	end
	run = tostring(os.time()) .. "-" .. math.random(1000000) .. "-" .. number
end

function request()
	n = n + 1
	if kind == "account" then
		return wrk.format("POST", "/api/accounts", { ["Content-Type"] = "application/json" },
			'{"name":"Pat","email":"' .. run .. "-" .. n .. '@example.org","password":"long enough"}')
	end
	local seller = sellers[n % #sellers + 1]
	return wrk.format("POST", seller.path, { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. seller.token },
		'{"brand":"Aero","style":"Style ' .. n * 7919 % 1000 + 1 ..
		'","color":"red","size":9,"condition":"new","audience":"men","price_cents":1999,"quantity":10}')
end
