"""Pictures for tests, made from nothing: png(), and rows of photos as an upload leaves them."""
import struct
import zlib


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width=64, height=48, seed=0, more=b"", claims=None):
    """A picture with a colour slope that `seed` changes. `more`: chunks after the first one; `claims`: another (width, height) in its header."""
    rows = b"".join(b"\0" + b"".join(bytes(((x * 3 + seed) % 256, (y * 5 + seed // 256) % 256, (x + y) % 256)) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", *(claims or (width, height)), 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def turned(orientation):
    """The chunk of EXIF that says how a camera was held."""
    return chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0\0\0\0")


def add_photos(stack, listing_id, count=1, hash_of="x"):
    """Adds photos with a picture of no real format, by SQL; returns their ids."""
    ids = stack.psql(f"""insert into market.picture (hash, width, height, created_at) values (sha256('{hash_of}'), 3, 2, now()) on conflict do nothing;
        insert into market.picture_file (hash, name, data) values (sha256('{hash_of}'), 'page.webp', 'RIFF') on conflict do nothing;
        insert into market.photo (shop_id, listing_id, position, hash, width, height)
        select l.shop_id, l.listing_id, n, sha256('{hash_of}'), 3, 2
        from market.listing l cross join generate_series(1, {count}) as n where l.listing_id = {listing_id} returning photo_id""")
    return [int(one) for one in ids.split()]
