"""The named shapes of GET /api/listings on the catalogue of generate.sql, each with what it means in plain SQL.

A shape is (name, query, words, where, order): `where` is over all of listing l, shoe s, shop h, stock k; `words` are what was typed, for
which `where` holds a %s each: the words of the vocabulary that are meant. A query with {deep} gets the cursor of page 1,000.
"""
import urllib.parse

PROMOTED = "l.promotion_tier desc, l.listing_id desc"
NEWEST = "l.listing_id desc"
CHEAPEST = "l.price_cents, l.listing_id"
DEAREST = "l.price_cents desc, l.listing_id desc"
HAS = "exists (select from market.shoe_word w where w.shoe_id = s.shoe_id and w.word in (%s))"

SHAPES = [
    ("everything", "", [], "true", PROMOTED),
    ("brand", "brand=Nike", [], "s.brand = 'Nike'", PROMOTED),
    ("rarest_brand", "brand=danner", [], "s.brand = 'Danner'", PROMOTED),
    ("three_brands", "brand=Nike&brand=Hoka&brand=Teva", [], "s.brand in ('Nike', 'Hoka', 'Teva')", PROMOTED),
    ("size", "size=9.5", [], "l.size = 9.5", PROMOTED),
    ("colors_and_sizes", "color=red&color=blue&size=9&size=9.5&size=10", [], "s.color in ('red', 'blue') and l.size in (9, 9.5, 10)", PROMOTED),
    ("five_filters", "brand=Nike&color=black&size=9&condition=new&audience=men", [],
     "s.brand = 'Nike' and s.color = 'black' and l.size = 9 and l.condition = 'new' and l.audience = 'men'", PROMOTED),
    ("three_filters", "condition=used&audience=youth&color=red", [],
     "l.condition = 'used' and l.audience = 'youth' and s.color = 'red'", PROMOTED),
    ("two_rare_ones", "color=burgundy&size=13.5", [], "s.color = 'burgundy' and l.size = 13.5", PROMOTED),
    ("price_range", "min_price_cents=10000&max_price_cents=12000&sort=price", [], "l.price_cents between 10000 and 12000", CHEAPEST),
    ("narrow_price", "min_price_cents=10000&max_price_cents=10200", [], "l.price_cents between 10000 and 10200", PROMOTED),
    ("style", "style=cloud+walker+101", [], "s.style = 'Cloud Walker 101'", PROMOTED),
    ("cheapest", "sort=price", [], "true", CHEAPEST),
    ("dearest_of_a_brand", "brand=Nike&sort=-price", [], "s.brand = 'Nike'", DEAREST),
    ("newest", "sort=newest&audience=women&condition=used", [], "l.audience = 'women' and l.condition = 'used'", NEWEST),
    ("verified", "verified=true", [], "h.verified", PROMOTED),
    ("verified_filtered", "verified=true&brand=Nike&color=red", [], "h.verified and s.brand = 'Nike' and s.color = 'red'", PROMOTED),
    ("shop", "shop_id=1", [], "l.shop_id = 1", PROMOTED),
    ("shoe", "shoe_id=1", [], "l.shoe_id = 1", PROMOTED),
    ("word", "q=nike", ["nike"], HAS, PROMOTED),
    ("word_with_a_slip", "q=nkie", ["nkie"], HAS, PROMOTED),
    ("three_words_two_slips", "q=falcn+runer+red", ["falcn", "runer", "red"], f"{HAS} and {HAS} and {HAS}", PROMOTED),
    ("word_and_filter", "q=runner&brand=Nike&sort=price", ["runner"], f"s.brand = 'Nike' and {HAS}", CHEAPEST),
    ("nothing", "brand=Nike&size=20", [], "s.brand = 'Nike' and l.size = 20", PROMOTED),
    ("no_such_word", "q=xylophone", ["xylophone"], HAS, PROMOTED),
    ("page_1000", "cursor={deep}", [], "true", PROMOTED),
    ("page_1000_newest", "sort=newest&cursor={deep}", [], "true", NEWEST),
    ("page_1000_price", "sort=price&cursor={deep}", [], "true", CHEAPEST),
    ("facets", "facets=1", [], "true", PROMOTED),
    ("facets_of_a_brand", "facets=1&brand=Nike", [], "s.brand = 'Nike'", PROMOTED),
    ("facets_of_a_few", "facets=1&brand=Vans&color=red&size=9", [], "s.brand = 'Vans' and s.color = 'red' and l.size = 9", PROMOTED),
]
PAGE = 20
DEEP = 1000

# What find_listings takes, in its order.
ARGUMENTS = (("q", "text"), ("brand", "text[]"), ("style", "text"), ("color", "text[]"), ("size", "numeric[]"), ("condition", "text[]"),
             ("audience", "text[]"), ("min_price_cents", "bigint"), ("max_price_cents", "bigint"), ("shop_id", "bigint"), ("verified", "boolean"),
             ("shoe_id", "bigint"), ("sort", "text"), ("facets", "boolean"), ("limit", "int"), ("cursor", "text"))


def call(query):
    """The function's call of a query, as SQL."""
    given = urllib.parse.parse_qs(query)
    given.setdefault("limit", [str(PAGE)])
    values = []
    for name, kind in ARGUMENTS:
        if name not in given:
            values.append("null")
        elif kind.endswith("[]"):
            values.append("array[" + ",".join(f"'{value}'" for value in given[name]) + f"]::{kind}")
        else:
            values.append(f"'{given[name][0]}'::{kind}")
    return f"api.find_listings({', '.join(values)})"


def one_slip(one, other):
    """Whether one word is the other, or one slip of the keyboard away from it."""
    if one == other:
        return True
    if abs(len(one) - len(other)) == 1:
        short, long = sorted((one, other), key=len)
        return any(long[:i] + long[i + 1:] == short for i in range(len(long)))
    if len(one) != len(other):
        return False
    wrong = [i for i in range(len(one)) if one[i] != other[i]]
    return len(wrong) == 1 or len(wrong) == 2 and wrong[1] == wrong[0] + 1 and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]


def meant(word, vocabulary):
    """What a typed word may mean, as a list for SQL."""
    words = [word] if word in vocabulary else [other for other in vocabulary if len(word) > 2 and one_slip(word, other)]
    return ", ".join(f"'{each}'" for each in words) or "null"


def naive(shape, vocabulary):
    """From and where of a shape, with no index and no counter to help it."""
    _, _, words, where, _ = shape
    if words:
        where = where % tuple(meant(word, vocabulary) for word in words)
    return ("from market.listing l join market.shoe s on s.shoe_id = l.shoe_id join market.shop h on h.shop_id = l.shop_id"
            f" join market.stock k on k.listing_id = l.listing_id where l.withdrawn_at is null and k.available > 0 and {where}")
