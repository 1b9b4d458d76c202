"""Photos of a listing: photo_faults() sends good pictures and bad ones, as they are and by a form, and tells what is answered otherwise than it should
be, and what a refused one left behind."""
import json
import struct

import people
from pictures import chunk, png, turned

MOST = 8 * 1024 * 1024
LEFT = "select count(*) || ' ' || (select count(*) from market.picture_file) || ' ' || (select count(*) from market.photo) from market.picture"
BOUNDARY = "----a boundary"


def form(photo, key=None, name="photo"):
    """The body of a form with a file, as a browser sends it."""
    texts = [("idempotency_key", key)] if key else []
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{text}\r\n'.encode() for n, text in texts]
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="IMG 1.png"\r\nContent-Type: image/gif\r\n\r\n'.encode() + photo + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


class Shop:
    def __init__(self, stack, maker, unique, transport):
        self.stack, self.transport, self.v = stack, transport, {"unique": unique}
        for words in (["shop", "owner"], ["shop", "other"], ["listing", "owner"], ["account", "guest"]):
            maker.run(transport, list(words), self.v)
        self.listing = f"/api/listings/{self.v['owner_listing']}"
        self.photos = f"/api/shops/{self.v['owner_shop']}{self.listing[4:]}/photos"

    def ask(self, method, target, body=None, kind="image/png", who="owner", heads=()):
        all_heads = [*heads, *([("Content-Type", kind)] if body is not None else []), *([("Authorization", "Bearer " + self.v[who])] if who else [])]
        return self.transport.ask(method, target, all_heads, body, {})

    def send_form(self, body, heads=()):
        origin = f"http://127.0.0.1:{self.transport.port}"
        return self.ask("POST", self.photos, body, f'multipart/form-data; boundary="{BOUNDARY}"', heads=[("Accept", "text/html"), ("Origin", origin), *heads])

    def shown(self):
        return json.loads(self.ask("GET", self.listing).body)["photos"]

    def put(self, ids):
        return self.ask("PUT", self.photos, json.dumps({"photo_ids": ids}).encode(), "application/json")


def bad_pictures(jpeg, webp):
    """(what, body, media type, status, code)"""
    good = png()
    head = good[:8]
    yield "a bomb of 40,000 x 40,000", png(claims=(40000, 40000)), "image/png", 422, "megapixels"
    yield "a bomb of a line", head + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 1, 8, 2, 0, 0, 0)) + chunk(b"IEND", b""), "image/png", 422, "megapixels"
    yield "a PNG that says less than it has", png(claims=(10, 10)), "image/png", 422, "damaged"
    yield "a PNG that says more than it has", png(claims=(4000, 4000)), "image/png", 422, "damaged"
    yield "a PNG with a wrong check sum", good[:-20] + bytes([good[-20] ^ 1]) + good[-19:], "image/png", 422, "damaged"
    yield "an animated PNG", png(more=chunk(b"acTL", b"\0\0\0\x02\0\0\0\0")), "image/png", 422, "moves"
    yield "a length beyond the end", head + b"\xff\xff\xff\xffIHDR", "image/png", 422, "damaged"
    for name, file, kind in (("PNG", good, "image/png"), ("JPEG", jpeg, "image/jpeg"), ("WebP", webp, "image/webp")):
        yield f"a {name} with a page behind it", file + b"<html><script>1</script>", kind, 422, "behind the picture"
        yield f"a {name} with an archive behind it", file + b"PK\3\4" + b"a" * 40, kind, 422, "behind the picture"
        for cut in (12, len(file) // 2, len(file) - 3):
            yield f"a {name} of {cut} bytes", file[:cut], kind, 422, "damaged"
        yield f"a {name} that is called otherwise", file, "image/webp" if kind == "image/png" else "image/png", 422, "another format"
    for what, text in (("nothing", b""), ("a page", b"<html>"), ("a GIF", b"GIF89a/*" + b"a" * 99), ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>")):
        yield what, text, "image/png", 422, "no picture that we can read"
    yield "8 MB and a byte", png() + b"a" * (MOST + 1 - len(png())), "image/png", 413, "8 MB"
    yield "text", good, "text/plain", 415, ""
    yield "JSON", b"{}", "application/json", 415, ""


def refusals(shop, jpeg, webp):
    before = shop.stack.psql(LEFT)
    for what, body, kind, status, word in bad_pictures(jpeg, webp):
        a = shop.ask("POST", shop.photos, body, kind)
        if a.status != status or word not in a.body.decode() or (status == 422 and b'"field":"photo"' not in a.body):
            yield f"{what} is answered {a.status} {a.body[:300]}, not {status} with \"{word}\""
    for who, status in ((None, 401), ("guest", 403), ("other", 403)):
        a = shop.ask("POST", shop.photos, png(), who=who)
        if a.status != status:
            yield f"{who} may send a photo: {a.status}"
    a = shop.ask("POST", shop.photos.replace("/listings/", "/listings/9"), png())
    if a.status != 404:
        yield f"a listing that is not there gets a photo: {a.status}"
    page = shop.send_form(form(b"no picture"))
    if page.status != 422 or b"no picture that we can read" not in page.body or b'type="file"' not in page.body:
        yield f"a form with a bad picture is answered {page.status} {page.body[:300]}"
    for body in (form(png(), name="other"), form(png())[:-5], b"", form(png()).replace(b"filename", b"file")):
        a = shop.send_form(body)
        if a.status != 422:
            yield f"a bad form is answered {a.status} {a.body[:200]}"
    if shop.stack.psql(LEFT) != before:
        yield f"refused pictures leave something: {before}, then {shop.stack.psql(LEFT)}"


def good_ones(shop):
    """Eight photos, their files, and what holds for them."""
    big = shop.ask("POST", shop.photos, png(1500, 20, more=turned(6)), heads=[("Idempotency-Key", "photo-key-1")])
    again = shop.ask("POST", shop.photos, png(1500, 20, more=turned(6)), heads=[("Idempotency-Key", "photo-key-1")])
    if big.status != 201 or again.status != 201 or again.header("Idempotency-Replayed") != "true":
        yield f"a photo with a key is answered {big.status}, then {again.status} {again.headers} {again.body[:200]}"
    if shop.ask("POST", shop.photos, png(9, 9), heads=[("Idempotency-Key", "photo-key-1")]).status != 422:
        yield "another photo may have the same key"
    (first,) = shop.shown()
    if (first["width"], first["height"]) != (14, 1080):
        yield f"a picture that was held on its side is {first['width']} x {first['height']}"
    for name, kind, begin in (("zoom.webp", "image/webp", b"RIFF"), ("zoom.jpg", "image/jpeg", b"\xff\xd8\xff"), ("list.webp", "image/webp", b"RIFF")):
        a = shop.ask("GET", first["url"].replace("page.webp", name), who=None)
        if a.status != 200 or a.header("Content-Type") != kind or not a.body.startswith(begin) or "immutable" not in a.header("Cache-Control") or b"Exif" in a.body:
            yield f"{name} is answered {a.status} {a.headers} {a.body[:20]}"
    for target in (first["url"].replace("page", "none"), "/api/photos/" + "0" * 64 + "/page.webp", "/api/photos/0/page.webp"):
        if shop.ask("GET", target, who=None).status != 404:
            yield f"there is {target}"
    key = people.new_token()
    sent = [shop.send_form(form(png(seed=1), key)) for _ in range(2)]
    if {(a.status, a.header("Location")) for a in sent} != {(303, shop.listing)} or len(shop.shown()) != 2:
        yield f"a form sent twice is answered {[(a.status, a.header('Location')) for a in sent]}, and there are {len(shop.shown())} photos"
    for seed in range(2, 8):
        shop.ask("POST", shop.photos, png(seed=seed))
    a = shop.ask("POST", shop.photos, png(seed=8))
    if a.status != 422 or len(shop.shown()) != 8:
        yield f"a ninth photo is answered {a.status}, and there are {len(shop.shown())}"


def order_and_end(shop):
    ids = [photo["photo_id"] for photo in shop.shown()]
    turned_ids = ids[1:] + ids[:1]
    if shop.put(turned_ids).status != 200 or [p["photo_id"] for p in shop.shown()] != turned_ids:
        yield "the photos do not come in the order that was sent"
    for wrong in (ids[1:], ids + ids[:1], ids[1:] + ids[1:2], ids[1:] + [9 ** 12], []):
        if shop.put(wrong).status != 422:
            yield f"the photos {ids} may be ordered as {wrong}"
    gone = shop.shown()[2]
    a = shop.ask("DELETE", f"{shop.photos}/{gone['photo_id']}")
    if a.status != 204 or [p["photo_id"] for p in shop.shown()] != [n for n in turned_ids if n != gone["photo_id"]]:
        yield f"a photo that is deleted is answered {a.status}, and {shop.shown()} are there"
    if int(shop.stack.psql(f"select count(*) from market.picture where hash = '\\x{gone['url'].split('/')[3]}'")):
        yield "a deleted photo leaves its picture"
    if shop.ask("DELETE", f"{shop.photos}/{gone['photo_id']}").status != 404:
        yield "a photo can be deleted twice"
    twins = [shop.ask("POST", shop.photos, png(seed=2)) for _ in range(1)]
    one, other = [p for p in shop.shown() if p["url"] == json.loads(twins[0].body)["photos"][-1]["url"]]
    shop.ask("DELETE", f"{shop.photos}/{one['photo_id']}")
    if shop.ask("GET", other["url"].replace("page", "list"), who=None).status != 200:
        yield "a picture goes while another photo shows it"
    withdrawn = shop.ask("DELETE", shop.photos.removesuffix("/photos"))
    if withdrawn.status != 204 or shop.stack.psql(f"select count(*) from market.photo where listing_id = {shop.v['owner_listing']}") != "0":
        yield f"a listing that is withdrawn ({withdrawn.status}) keeps photos"


def photo_faults(stack, maker, unique, transport):
    shop = Shop(stack, maker, unique, transport)
    made = shop.ask("POST", shop.photos, png(seed=99))
    if made.status != 201:
        return [f"a good picture is answered {made.status} {made.body[:300]}"]
    photo, = shop.shown()
    jpeg, webp = (shop.ask("GET", photo["url"].replace("webp", kind), who=None).body for kind in ("jpg", "webp"))
    faults = list(refusals(shop, jpeg, webp))
    for file, kind in ((jpeg, "image/jpeg"), (webp, "image/webp"), (jpeg + jpeg, "image/jpeg")):  # a camera's preview is behind it
        if shop.ask("POST", shop.photos, file, kind).status != 201:
            faults.append(f"a good {kind} is refused")
    for photo in shop.shown():
        shop.ask("DELETE", f"{shop.photos}/{photo['photo_id']}")
    if shop.stack.psql(f"select count(*) from market.photo where listing_id = {shop.v['owner_listing']}") != "0":
        faults.append("photos stay")
    return faults + list(good_ones(shop)) + list(order_and_end(shop))
