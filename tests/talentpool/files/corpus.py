"""60 uploads with the verdict that each must get: polyglots, bombs, macros, wrong kinds, names that
hide, and ordinary files."""

import random
from dataclasses import dataclass

from talentpool.files.scanners import EICAR
from tests.talentpool.files import making as make

EXE = b"MZ\x90\x00\x03" + bytes(60) + b"PE\x00\x00" + bytes(200)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
CSV = "氏名,分野\n見本,ネットワーク\n".encode()
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """`verdict`: taken, refused, or infected (taken, and held back for ever by the scanner)."""

    what: str
    name: str
    content: bytes
    verdict: str = "refused"


def corpus() -> list[Upload]:
    good, ok = make.docx_parts(), "taken"
    with_macro = {**good, "word/vbaProject.bin": b"x" * 99}
    bomb = {**good, "word/media/a.xml": bytes(24 * MEGABYTE)}
    shared_strings = {**good, "xl/sharedStrings.xml": b"<si><t>a</t></si>" * 2_000_000}
    many = {**good, **{f"word/part{n}.xml": b"x" for n in range(210)}}
    zip_bytes = make.archive({"a.class": b"\xca\xfe\xba\xbe"})
    script = make.pdf_action("JavaScript", JS="app.alert(1)")
    template = make.relation("attachedTemplate", "https://evil.example/t.dotm")
    link = make.relation("hyperlink", "https://www.pref.example.jp/")
    noise = random.Random(1).randbytes
    jpg, png, pdf, docx, xlsx = make.jpg(), make.png(), make.pdf(), make.docx(), make.xlsx()
    return [
        # --- ordinary files: 20
        Upload("PDF", "職務経歴書.pdf", pdf, ok),
        Upload("PDF with author", "経歴.PDF", make.pdf(author="見本"), ok),
        Upload(
            "PDF that opens at a page", "a.pdf", make.pdf(OpenAction=make.pdf_action("GoTo")), ok
        ),
        Upload("PDF with line ends behind it", "b.pdf", pdf + b"\r\n\r\n", ok),
        Upload("docx", "経歴書(見本).docx", docx, ok),
        Upload("docx with a link", "c.docx", make.docx(relations=link), ok),
        Upload("docx with author", "d.docx", make.docx(author="見本"), ok),
        Upload("xlsx", "実績 一覧.xlsx", xlsx, ok),
        Upload("xlsx with author", "e.xlsx", make.xlsx(author="見本"), ok),
        Upload("CSV in UTF-8", "f.csv", CSV, ok),
        Upload("CSV with BOM", "g.csv", b"\xef\xbb\xbf" + CSV, ok),
        Upload("CSV in CP932", "h.csv", "氏名,分野\n髙橋,情報\n".encode("cp932"), ok),
        Upload("PNG", "i.png", png, ok),
        Upload("PNG with palette", "j.png", make.png(mode="P"), ok),
        Upload("grey PNG", "k.png", make.png(mode="L"), ok),
        Upload("PNG with text", "l.png", make.png(text="見本"), ok),
        Upload("JPEG", "m.jpg", jpg, ok),
        Upload("JPEG with EXIF", "n.JPEG", make.jpg(text="mihon"), ok),
        Upload("date in the name", "2026.4.1 許可証.pdf", pdf, ok),
        Upload("name of 120 characters", "長" * 116 + ".pdf", pdf, ok),
        # --- infected: 1
        Upload("EICAR", "o.csv", b"a,b\r\n" + EICAR + b"\r\n", "infected"),
        # --- kinds that are not taken: 9
        Upload("program", "setup.exe", EXE),
        Upload("program called PDF", "p.pdf", EXE),
        Upload("program called CSV", "q.csv", EXE),
        Upload("SVG", "r.svg", SVG),
        Upload("SVG called PNG", "s.png", SVG),
        Upload("HTML called CSV", "t.csv", HTML),
        Upload("HTML called PDF", "u.pdf", HTML),
        Upload("GIF called JPEG", "v.jpg", make.gif()),
        Upload("old Word called docx", "w.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        # --- names that hide: 8
        Upload("second suffix", "経歴.exe.pdf", pdf),
        Upload("suffix of a program last", "経歴.pdf.exe", pdf),
        Upload("direction mark", "経歴\u202efdp.exe.pdf", pdf),
        Upload("direction mark alone", "経\u202e歴.pdf", pdf),
        Upload("300 characters", "長" * 296 + ".pdf", pdf),
        Upload("zero byte", "経歴.pdf\x00.exe.pdf", pdf),
        Upload("path", "../../etc/cron.d/x.pdf", pdf),
        Upload("no name", ".pdf", pdf),
        # --- polyglots and leftovers: 8
        Upload("GIFAR: JPEG with a jar", "x.jpg", jpg + zip_bytes),
        Upload("PNG with a zip", "y.png", png + zip_bytes),
        Upload("PDF with a zip", "z.pdf", pdf + zip_bytes),
        Upload("zip with a PDF before it", "aa.docx", pdf + docx),
        Upload("docx with HTML behind it", "ab.docx", docx + HTML),
        Upload("PDF with something before it", "ac.pdf", HTML + pdf),
        Upload("PNG with a broken checksum", "ad.png", png[:30] + b"\x00\x01" + png[32:]),
        Upload("JPEG cut short", "ae.jpg", jpg[: len(jpg) // 2]),
        # --- containers: 9
        Upload("macro", "af.docx", make.archive(with_macro)),
        Upload("docm called docx", "ag.docx", make.docx(main=make.DOCM_MAIN)),
        Upload("xlsx called docx", "ah.docx", xlsx),
        Upload("zip called docx", "ai.docx", zip_bytes),
        Upload("remote template", "aj.docx", make.docx(relations=template)),
        Upload("bomb", "ak.docx", make.archive(bomb)),
        Upload("flood of strings", "al.xlsx", make.archive(shared_strings)),
        Upload(
            "too many parts and an archive inside", "am.docx", make.archive({**many, "a.zip": b""})
        ),
        Upload("password on docx", "an.docx", make.flagged(docx)),
        # --- size and PDF that runs: 5
        Upload("empty", "ao.pdf", b""),
        Upload("more than 10 MB", "ap.csv", noise(11 * MEGABYTE)),
        Upload("script in a PDF", "aq.pdf", make.pdf(OpenAction=script)),
        Upload("script in a packed stream", "ar.pdf", make.pdf_packed_script()),
        Upload("file in a PDF", "as.pdf", make.pdf_with_attachment()),
    ]
