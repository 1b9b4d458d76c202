"""The hot sale while eight sellers send eight photos each: its rate, beside that of the sale alone.

Each program decodes one photo at a time, at a low priority; what waits too long gets 503 and is sent again, as the page does.
"""
import http.client
import os
import struct
import threading
import time
import zlib

from .common import CLIENTS, Failure, buy, make_buyers, make_listing, ratio, say, table, whole
from fixtures import list_pair, shops
from pictures import chunk

SELLERS, PHOTOS = 8, 8
WIDTH, HEIGHT = 1600, 1200
PAIRS = 3000000
LEAST = 0.9


def picture(seed):
    """A PNG of 1.9 megapixels with some noise, as a camera's, of about 4 MB."""
    noise = os.urandom(WIDTH * 3)
    rows = b"".join(b"\0" + bytes((60 + y // 8 + (b & 31)) & 255 for b in noise[(y * 7 + seed) % 300:] + noise[:(y * 7 + seed) % 300]) for y in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


class Seller(threading.Thread):
    """Sends photos of one listing, one after the other, until all are there or it has to stop."""

    def __init__(self, stack, owner, file, stopped):
        super().__init__(daemon=True)
        self.port, self.owner, self.file, self.stopped = stack.port, owner, file, stopped
        self.path = f"/api/shops/{owner.shop_id}/listings/{list_pair(stack, owner, 5000, 1)}/photos"
        self.done, self.busy, self.wrong = 0, 0, []

    def run(self):
        while self.done < PHOTOS and not self.stopped.is_set() and not self.wrong:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("POST", self.path, self.file, {"Authorization": "Bearer " + self.owner.token, "Content-Type": "image/png"})
            answer = connection.getresponse()
            text = answer.read()
            connection.close()
            if answer.status == 201:
                self.done += 1
            elif answer.status == 503:
                self.busy += 1
                time.sleep(1)
            else:
                self.wrong.append((answer.status, text[:200]))


def with_photos(bench, stack, listing, owners, file):
    """The rate of the sale while photos are sent, how many came through, and how many were told to come again."""
    stopped = threading.Event()
    sellers = [Seller(stack, owner, file, stopped) for owner in owners]
    for seller in sellers:
        seller.start()
    load = buy(stack, bench.seconds, listing)
    during = sum(seller.done for seller in sellers)
    stopped.set()
    for seller in sellers:
        seller.join(60)
    wrong = [fault for seller in sellers for fault in seller.wrong]
    if wrong or not sum(seller.done for seller in sellers):
        raise Failure(f"no photo was kept, or some were refused: {wrong}")
    return load.rate, during, sum(seller.busy for seller in sellers)


def part(bench):
    file = picture(1)
    with bench.market() as stack:
        make_buyers(stack)
        listing = make_listing(stack, "photos", PAIRS)
        owners = shops(stack, SELLERS, "bench.photos")
        buy(stack, 1, listing)  # the program's connections plan their statements
        rates = bench.paired({"alone": lambda: (buy(stack, bench.seconds, listing).rate,),
                              "photos": lambda: with_photos(bench, stack, listing, owners, file)})
    alone, (rate, during, busy) = rates["alone"][0], rates["photos"]
    share = rate / alone
    say(f"the sale keeps {share:.2f} of its speed" + ("" if share >= LEAST else f", less than {LEAST}"))
    return table(["", "sales/s", "of the speed"], [["the sale alone", whole(alone), "1"], [f"while {SELLERS} sellers send {PHOTOS} photos each", whole(rate), ratio(share)]]) + (
        f"\n\n{whole(during)} of the {SELLERS * PHOTOS} photos (PNG, {len(file) / 1e6:.1f} MB, 1.9 megapixels) were kept during the sale of {bench.seconds} s;"
        f" {whole(busy)} answers said 503 `busy`, and the photo was sent again. {CLIENTS} clients buy.")
