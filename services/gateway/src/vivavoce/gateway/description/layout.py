"""The frame of every page of the description: one style, no script, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

STYLE = (
    ":root{color-scheme:light dark;--ink:#1b1b1f;--ground:#fff;--dim:#55555f;--line:#d5d5de;--box:#f2f2f7;"
    "--link:#1d4ed8}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8e8ee;--ground:#16161a;--dim:#a9a9b6;--line:#3a3a44;"
    "--box:#22222a;--link:#9dbcff}}"
    "*{box-sizing:border-box}"
    "body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:62rem;"
    "margin:0 auto;padding:0 1rem 4rem;overflow-wrap:anywhere}"
    "a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}"
    ".skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--ground)}"
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:1rem 0;margin:0;"
    "border-bottom:1px solid var(--line)}"
    "h1{font-size:1.6rem}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1rem 0 .25rem}"
    "summary{cursor:pointer;padding:.5rem 0}details{border-bottom:1px solid var(--line)}"
    "details>div{padding:0 0 1rem}"
    "code{background:var(--box);padding:.1em .3em;border-radius:.2em}"
    "pre{background:var(--box);padding:.75rem;overflow:auto;max-height:30rem;border-radius:.3em}"
    ".dim{color:var(--dim)}dt{margin-top:.5rem}dd{margin:0 0 0 1rem}p{margin:.5rem 0}"
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def framed(title: str, links: Mapping[str, str], content: str) -> str:
    """A page with its heading, the way to the other pages by their names, and what it shows as HTML."""
    told = escape(title)
    ways = "".join(f'<li><a href="{escape(path)}">{escape(name)}</a></li>' for name, path in links.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{told}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body>"
        '<a class="skip" href="#content">Skip to the content</a>'
        f'<nav aria-label="Pages"><ul>{ways}</ul></nav>'
        f'<main id="content" tabindex="-1"><h1>{told}</h1>{content}</main></body></html>'
    )


def paragraphs(text: str) -> str:
    """A text whose paragraphs are parted by empty lines, as HTML."""
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip())


def shown(text: str) -> str:
    """A text as it is, which a keyboard can scroll."""
    return f'<pre tabindex="0">{escape(text)}</pre>'


def folded(heading: str, content: str) -> str:
    """Something that opens, both as HTML."""
    return f"<details><summary>{heading}</summary><div>{content}</div></details>"
