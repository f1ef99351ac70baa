"""A world in JSON text with members that nobody knows in every place that may have some."""

from __future__ import annotations

import json

# JSON text, written by hand: the point is what a library would not write.
VALUES = {
    "integer": "0",
    "negative": "-1",
    "2^53+1": "9007199254740993",
    "-2^53-1": "-9007199254740993",
    "i64 min": "-9223372036854775808",
    "i64 max": "9223372036854775807",
    "below i64": "-9223372036854775809",
    "u64 max": "18446744073709551615",
    "above u64": "18446744073709551616",
    "thirty digits": "123456789012345678901234567890",
    "thirty digits below zero": "-123456789012345678901234567890",
    "float one": "1.0",
    "float zero": "0.0",
    "negative zero": "-0.0",
    "exponent": "1e2",
    "negative exponent": "1E-7",
    "large float": "1e22",
    "integral float beyond 2^53": "9007199254740994.0",
    "smallest": "5e-324",
    "largest": "1.7976931348623157e308",
    "tenth": "0.1",
    "seventeen digits": "0.30000000000000004",
    "true": "true",
    "false": "false",
    "null": "null",
    "nested nulls": '{"a":null,"b":[null,[null,{"c":null}]]}',
    "empty object": "{}",
    "empty array": "[]",
    "empty in empty": '[[],{},[{}],{"a":[]}]',
    "empty string": '""',
    "digits in a string": '"123456789012345678901234567890"',
    "mixed": '[1,1.0,true,"1",null,[1],{"1":1}]',
    "emoji": '"\U0001f469\u200d\U0001f469\u200d\U0001f467"',
    "escaped emoji": '"\\ud83c\\udf0d"',
    "combining": '"e\u0301 \u00e9"',
    "right to left": '"\u202e\u05e9\u05dc\u05d5\u05dd\u202c"',
    "line separators": '"\u2028\u2029\u0085\\u2028"',
    "escapes": '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f"',
    "byte order mark": '"\ufeff"',
    "noncharacters": '"\uffff\U0010ffff"',
    "html": '"</script><!--&amp;"',
    "odd keys": '{"":1,"a/b":2,"__proto__":{"x":1},"constructor":3,"a.b":4,"\\u0000":5,"$ref":"#"}',
    "keys that look alike": '{"e\u0301":1,"\u00e9":2,"E":3,"e":4," e":5}',
    "key that looks like ours": '{"schemaVersion":1.0,"rev":null,"json":{},"http_body":0}',
}  # fmt: skip
MEMBERS = "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in VALUES.items()) + "}"
WORLD = """{
  "name": "Faithful", "description": "", "cover": "https://example.com/c.png", "x": <x>, "": <x>,
  "entrance": {"state": "hall", "image": {"src": "i", "x": <x>}, "x": <x>},
  "scene": {
    "x": <x>,
    "states": {
      "hall": {"base": "A hall.", "camera": {"static": "Wide.", "x": <x>}, "x": <x>},
      "cellar": {"base": "A cellar.", "variants": [{"label": "l", "base": "b", "x": <x>}]}
    },
    "events": [
      {"name": "Go", "kind": "transition", "from": ["hall"], "to": "cellar", "hotkey": null, "x": <x>},
      {"name": "Wave", "kind": "override", "from": ["hall"], "anchor": {"label": "l", "x": <x>}}
    ]
  },
  "missions": [{"id": "m", "title": "t", "x": <x>,
                "objectives": [{"id": "o", "text": "t", "x": <x>}]}]
}""".replace("<x>", MEMBERS)
