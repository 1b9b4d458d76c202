"""The writes of photos, for lost_answers.py."""
from pictures import add_photos, png


class PhotoWrites:
    def photos(self, count):
        listing = self.listing()
        return f"{self.shop}/listings/{listing}/photos", add_photos(self.stack, listing, count)

    def add_photo(self):
        return self.owner, self.photos(0)[0], png()

    def order_photos(self):
        target, ids = self.photos(2)
        return self.owner, target, {"photo_ids": ids[::-1]}

    def delete_photo(self):
        target, ids = self.photos(1)
        return self.owner, f"{target}/{ids[0]}", None
