"""The named searches of GET /api/listings on the catalogue of generate.sql, each with what it means in plain SQL.

A search is (name, query, words, where, order): `where` and `order` are over the columns of PLAIN, below; `words` are what was typed, for
which `where` holds a %s each: the words of the vocabulary that are meant. A query with {deep} gets the cursor of page 1,000.
"""
import urllib.parse

PROMOTED = "promotion_tier desc, listing_id desc"
NEWEST = "listing_id desc"
CHEAPEST = "shown_cents, price_cents, listing_id"
DEAREST = "shown_cents desc, price_cents desc, listing_id desc"
HAS = "words && array[%s]::text[]"

SEARCHES = [
    ("everything", "", [], "true", PROMOTED),
    ("brand", "brand=Nike", [], "brand = 'Nike'", PROMOTED),
    ("rarest_brand", "brand=danner", [], "brand = 'Danner'", PROMOTED),
    ("three_brands", "brand=Nike&brand=Hoka&brand=Teva", [], "brand in ('Nike', 'Hoka', 'Teva')", PROMOTED),
    ("size", "size=9.5", [], "size = 9.5", PROMOTED),
    ("colors_and_sizes", "color=red&color=blue&size=9&size=9.5&size=10", [], "color in ('red', 'blue') and size in (9, 9.5, 10)", PROMOTED),
    ("five_filters", "brand=Nike&color=black&size=9&condition=new&audience=men", [],
     "brand = 'Nike' and color = 'black' and size = 9 and condition = 'new' and audience = 'men'", PROMOTED),
    ("three_filters", "condition=used&audience=youth&color=red", [],
     "condition = 'used' and audience = 'youth' and color = 'red'", PROMOTED),
    ("two_rare_ones", "color=burgundy&size=13.5", [], "color = 'burgundy' and size = 13.5", PROMOTED),
    ("price_range", "min_price_cents=10000&max_price_cents=12000&sort=price", [], "shown_cents between 10000 and 12000", CHEAPEST),
    ("narrow_price", "min_price_cents=10000&max_price_cents=10200", [], "shown_cents between 10000 and 10200", PROMOTED),
    ("style", "style=cloud+walker+101", [], "style = 'Cloud Walker 101'", PROMOTED),
    ("cheapest", "sort=price", [], "true", CHEAPEST),
    ("dearest_of_a_brand", "brand=Nike&sort=-price", [], "brand = 'Nike'", DEAREST),
    ("newest", "sort=newest&audience=women&condition=used", [], "audience = 'women' and condition = 'used'", NEWEST),
    ("verified", "verified=true", [], "verified", PROMOTED),
    ("verified_filtered", "verified=true&brand=Nike&color=red", [], "verified and brand = 'Nike' and color = 'red'", PROMOTED),
    ("shop", "shop_id=1", [], "shop_id = 1", PROMOTED),
    ("shoe", "shoe_id=1", [], "shoe_id = 1", PROMOTED),
    ("word", "q=nike", ["nike"], HAS, PROMOTED),
    ("word_with_a_slip", "q=nkie", ["nkie"], HAS, PROMOTED),
    ("three_words_two_slips", "q=falcn+runer+red", ["falcn", "runer"], f"{HAS} and {HAS} and color = 'red'", PROMOTED),
    ("word_near_others", "q=walker", ["walker"], HAS, PROMOTED),
    ("words_that_filter", "q=womens+boots+size+9", ["boots"], f"{HAS} and audience = 'women' and size = 9", PROMOTED),
    ("word_of_many_shoes_filtered", "q=womens+boots", ["boots"], f"{HAS} and audience = 'women'", PROMOTED),
    ("joined_words", "q=cloudwalker", [], "brand || ' ' || style like '% Cloud Walker %'", PROMOTED),
    ("number_of_a_style", "q=walker+101", ["walker", "101"], f"{HAS} and {HAS}", PROMOTED),
    ("word_and_filter", "q=runner&brand=Nike&sort=price", ["runner"], f"brand = 'Nike' and {HAS}", CHEAPEST),
    ("on_sale", "on_sale=true", [], "shown_cents < price_cents", PROMOTED),
    ("cheapest_on_sale", "on_sale=true&sort=price", [], "shown_cents < price_cents", CHEAPEST),
    ("shop_on_sale", "shop_id=1&sort=-price", [], "shop_id = 1", DEAREST),
    ("not_on_sale", "on_sale=false&brand=Nike", [], "shown_cents = price_cents and brand = 'Nike'", PROMOTED),
    ("nothing", "brand=Nike&size=20", [], "brand = 'Nike' and size = 20", PROMOTED),
    ("no_such_word", "q=xylophone", ["xylophone"], HAS, PROMOTED),
    ("page_1000", "cursor={deep}", [], "true", PROMOTED),
    ("page_1000_newest", "sort=newest&cursor={deep}", [], "true", NEWEST),
    ("page_1000_price", "sort=price&cursor={deep}", [], "true", CHEAPEST),
    ("facets", "facets=1", [], "true", PROMOTED),
    ("facets_of_a_brand", "facets=1&brand=Nike", [], "brand = 'Nike'", PROMOTED),
    ("facets_of_a_few", "facets=1&brand=Vans&color=red&size=9", [], "brand = 'Vans' and color = 'red' and size = 9", PROMOTED),
]
PAGE = 20
DEEP = 1000

# The parameters of the SQL function, in its order.
ARGUMENTS = (("q", "text"), ("brand", "text[]"), ("style", "text"), ("color", "text[]"), ("size", "numeric[]"), ("condition", "text[]"),
             ("audience", "text[]"), ("min_price_cents", "bigint"), ("max_price_cents", "bigint"), ("shop_id", "bigint"), ("verified", "boolean"),
             ("shoe_id", "bigint"), ("on_sale", "boolean"), ("sort", "text"), ("facets", "boolean"), ("limit", "int"), ("cursor", "text"))


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
    """Whether two words are equal or differ by one typing error."""
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
    """The words that a typed word may match, as a list for SQL."""
    words = [word] + [other for other in vocabulary if len(word) > 2 and not word.isdigit() and one_slip(word, other)]
    return ", ".join(f"'{each}'" for each in words) or "''"


def naive(search, vocabulary):
    """The condition for the rows of PLAIN."""
    _, _, words, where, _ = search
    return where % tuple(meant(word, vocabulary) for word in words) if words else where


def order(search):
    """Its order: shoes with the very words first."""
    _, _, words, _, plain = search
    same = " and ".join(f"words && array['{word}']" for word in words)
    return f"({same}) desc, {plain}" if words and plain == PROMOTED else plain


# All searchable rows, as one heap without an index. Availability comes from the stock itself.
PLAIN = """
    create schema plain;
    create table plain.offer as
    select l.shop_id, l.listing_id, l.shoe_id, s.brand, s.style, s.color, l.size, l.condition, l.audience, l.price_cents,
        coalesce(l.price_cents * (100 - f.percent_off) / 100, l.price_cents) as shown_cents, h.verified, h.promotion_tier,
        (select array_agg(w.word) from market.shoe_word w where w.shoe_id = s.shoe_id) as words
    from market.listing l
    join market.shoe s on s.shoe_id = l.shoe_id
    join market.shop h on h.shop_id = l.shop_id
    join market.stock k on k.listing_id = l.listing_id
    left join market.sale f on f.shop_id = l.shop_id and f.replaced_at is null and f.discounts_left > 0
        and (f.ends_at is null or f.ends_at > now())
    where l.withdrawn_at is null and k.available > 0;
"""
