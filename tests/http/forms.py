"""What a browser without JavaScript sends of a page's forms: Page(html).forms, and of each form sent() and obstacles()."""
import datetime
import decimal
import html.parser
import re
import urllib.parse

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?|-?\.\d+")
LOCAL_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?")
EMAIL = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*")
EPOCH = datetime.datetime(1970, 1, 1)


class Control:
    def __init__(self, tag, attributes):
        self.tag, self.attributes = tag, attributes
        self.kind = attributes.get("type", "text") if tag == "input" else tag
        self.name, self.text = attributes.get("name"), attributes.get("value") or ""
        self.options, self.selected = [], None

    def value(self):
        """What it holds, as the browser reads the markup: what is no value of its type is dropped."""
        if self.kind == "select":
            return self.selected if self.selected is not None else (self.options or [""])[0]
        if self.kind == "textarea":
            return re.sub(r"\r\n?", "\n", self.text).removeprefix("\n")
        if self.kind in ("number", "datetime-local"):
            return self.text if (NUMBER if self.kind == "number" else LOCAL_TIME).fullmatch(self.text) else ""
        return self.text if self.kind == "hidden" else re.sub(r"[\r\n]", "", self.text)

    def obstacle(self):
        """Why the browser would not send it as it is; None: it would."""
        value, given = self.value(), self.attributes
        if not value:
            return f"{self.name} is required" if "required" in given and self.kind != "hidden" else None
        if self.kind == "number":
            at, least = decimal.Decimal(value), decimal.Decimal(given.get("min", "0"))
            if at < least or at > decimal.Decimal(given.get("max", "Infinity")) or (at - least) % decimal.Decimal(given.get("step", "1")):
                return f"{self.name} has {value}, which is out of its range or steps"
        if self.kind == "datetime-local":
            year, month, day, hour, minute, second, fraction = LOCAL_TIME.fullmatch(value).groups("0")
            at = datetime.datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), int(fraction.ljust(3, "0")) * 1000)
            if ((at - EPOCH) / datetime.timedelta(milliseconds=1)) % (float(given.get("step", "60")) * 1000):
                return f"{self.name} has {value}, which is between its steps"
        if self.kind == "email" and not EMAIL.fullmatch(value):
            return f"{self.name} has {value}, which is no e-mail"
        return None


class Form:
    def __init__(self, attributes):
        self.action, self.method = attributes.get("action", ""), attributes.get("method", "get")
        self.controls = []

    def pairs(self):
        """Names and values as they are sent; lines end in CRLF."""
        return [(c.name, re.sub(r"\r\n|\r|\n", "\r\n", c.value())) for c in self.controls if c.name and "disabled" not in c.attributes]

    def sent(self):
        return urllib.parse.urlencode(self.pairs())

    def obstacles(self):
        return [o for o in (c.obstacle() for c in self.controls) if o]

    def real_method(self):
        """The method that the program takes: _method replaces POST."""
        return dict(self.pairs()).get("_method", self.method.upper())


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.links = [], []  # links: (path, text)
        self._form = self._control = self._link = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self._form = Form(attributes)
            self.forms.append(self._form)
        elif tag in ("input", "select", "textarea") and self._form:
            self._control = Control(tag, attributes)
            self._form.controls.append(self._control)
        elif tag == "option" and self._control:
            self._control.options.append(attributes.get("value", ""))
            if "selected" in attributes:
                self._control.selected = attributes.get("value", "")
        elif tag == "a":
            self._link = [attributes.get("href", ""), ""]

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self._control = None
        elif tag == "form":
            self._form = None
        elif tag == "a" and self._link:
            self.links.append(tuple(self._link))
            self._link = None

    def handle_data(self, data):
        if self._control and self._control.tag == "textarea":
            self._control.text += data
        if self._link:
            self._link[1] += data
