"""Frames: whatever is sent, a picture in bounds comes out, or a sentence for whoever sent it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import random
import struct
import threading
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from conjure.providers.pictures.frames import (
    LONG_SIDE,
    MOST_BYTES,
    MOST_ENCODED,
    Frame,
    FrameRefused,
    frame_bytes,
    frame_of,
    read_frame,
)
from support.cases import each_of
from support.cost import assert_cheap
from support.picture_files import SVG, b64, chunk, data_url, landscape, opened, picture, png_of

KINDS = ["PNG", "JPEG", "WEBP", "GIF"]


def refusal(content):
    with pytest.raises(FrameRefused) as refused:
        read_frame(content)
    return str(refused.value)


class TestBytes:
    @each_of(
        "text",
        [
            b64(b"\xfb\xff\xfe picture"),
            b64(b"\xfb\xff\xfe picture").rstrip("="),
            base64.urlsafe_b64encode(b"\xfb\xff\xfe picture").decode(),
            base64.encodebytes(b"\xfb\xff\xfe picture").decode(),
            "  " + b64(b"\xfb\xff\xfe picture") + "\r\n",
            data_url(b"\xfb\xff\xfe picture", "text/html"),
            data_url(b"\xfb\xff\xfe picture", "image/png;charset=utf-8"),
            data_url(b"\xfb\xff\xfe picture").replace("data:", "DATA:").replace("base64", "BASE64"),
            data_url(b"\xfb\xff\xfe picture").replace("+", "%2B").replace("/", "%2f"),
            "data:;base64," + b64(b"\xfb\xff\xfe picture"),
        ],
    )
    def test_each_spelling_is_read(self, text):
        """As browsers, MIME and the URL-safe alphabet have it."""
        assert frame_bytes(text) == b"\xfb\xff\xfe picture"

    @each_of(
        "text",
        ["%%%", "aGVsbG8===", "aGVs=bG8", "a", "aGVsb", "data:image/png,aGVsbG8=", "data:image/png",
         "data:image/png;base64", "aGVsbG8=\0", "ä", "🐉", "data:image/png;base64,%zz", "aGVs.bG8"],
    )  # fmt: skip
    def test_what_is_no_base64_says_so(self, text):
        with pytest.raises(FrameRefused, match="base64"):
            frame_bytes(text)

    @pytest.mark.parametrize("text", ["", " \n", "=", "data:image/png;base64,"])
    def test_nothing_is_said_to_be_nothing(self, text):
        with pytest.raises(FrameRefused, match="empty"):
            frame_bytes(text)

    def test_escapes_cost_no_more_than_other_signs(self):
        """A list of what stands between them took 5 s for 12 MiB, in which nobody else's frame was read."""
        text = "data:;base64," + "%" * 200_000

        def read() -> None:
            with pytest.raises(FrameRefused):
                frame_bytes(text)

        assert_cheap(read, most=1)

    @given(st.text(max_size=60) | st.text("AZaz09+/-_=%,;:data base64\n", max_size=60))
    def test_any_text_gives_bytes_or_a_refusal(self, text):
        with contextlib.suppress(FrameRefused):
            assert frame_bytes(text)


class TestWhatIsRead:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_kind_by_its_bytes(self, kind):
        """Encoded again, always in the same way."""
        frame = read_frame(picture(kind))
        assert (frame.width, frame.height) == (64, 48)
        assert frame.picture.media_type == "image/jpeg"
        assert opened(frame.picture.content).size == (64, 48)
        assert frame == read_frame(picture(kind))

    @each_of(
        ("mode", "colour"),
        [("1", 1), ("L", 90), ("P", 3), ("I;16", 40_000), ("RGB", (1, 2, 3)), ("RGBA", (1, 2, 3, 255))],
    )  # fmt: skip
    def test_each_mode_of_png(self, mode, colour):
        frame = read_frame(picture(mode=mode, colour=colour))
        assert frame.picture.media_type == "image/jpeg"

    def test_sixteen_bits_of_grey_keep_their_lightness(self):
        """Pillow would have made white of all above 255."""
        frame = read_frame(picture(mode="I;16", colour=0x8000))
        assert abs(opened(frame.picture.content).convert("L").getpixel((9, 9)) - 0x80) <= 2

    def test_print_colours_are_read(self):
        frame = read_frame(picture("JPEG", mode="CMYK", colour=(0, 200, 200, 0)))
        red, green, _ = opened(frame.picture.content).getpixel((5, 5))
        assert red > 200 > green

    @pytest.mark.parametrize("mode", ["RGBA", "LA"])
    def test_what_is_transparent_stays_so(self, mode):
        clear = read_frame(picture(mode=mode, colour=(7, 90) if mode == "LA" else (1, 2, 3, 90)))
        assert clear.picture.media_type == "image/png"
        assert opened(clear.picture.content).mode == "RGBA"

    def test_a_large_one_is_made_smaller(self):
        frame = read_frame(picture("JPEG", size=(5_000, 2_500)))
        assert (frame.width, frame.height) == (LONG_SIDE, LONG_SIDE // 2)
        thin = read_frame(picture(size=(9_000, 1)))
        assert (thin.width, thin.height) == (LONG_SIDE, 1)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_it_is_turned_upright_and_its_metadata_left_out(self, kind):
        """Where a picture was taken is nobody's business."""
        exif = Image.Exif()
        exif[0x0112] = 6  # Orientation: turn it by 90 degrees
        exif[0x010E] = "taken at home, 52.5 13.4"
        options = {"exif": exif, "icc_profile": b"a profile of mine"}
        frame = read_frame(picture(kind, **options))
        assert (frame.width, frame.height) == (48, 64)
        assert b"home" not in frame.picture.content
        assert b"profile" not in frame.picture.content
        again = opened(frame.picture.content)
        assert not again.getexif()
        assert "icc_profile" not in again.info

    @pytest.mark.parametrize("orientation", [0, 1, 9, 65_535])
    def test_an_orientation_that_means_nothing_turns_nothing(self, orientation):
        exif = Image.Exif()
        exif[0x0112] = orientation
        assert read_frame(picture("JPEG", exif=exif)).width == 64

    @pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
    def test_of_an_animation_it_is_the_first_image(self, kind):
        more = [Image.new("RGB", (64, 48), (at, 0, 0)) for at in range(40, 240)]
        options = {"lossless": True} if kind == "WEBP" else {}
        frame = read_frame(picture(kind, save_all=True, append_images=more, **options))
        red, _, blue = opened(frame.picture.content).convert("RGB").getpixel((9, 9))
        assert blue > 150 > red

    def test_noise_is_not_kept_without_loss(self):
        """Else a small file would become one of 15 MB, kept for a day and sent to models."""
        noise = Image.frombytes("RGBA", (1100, 1100), random.Random(1).randbytes(1100 * 1100 * 4))
        file = io.BytesIO()
        noise.save(file, "PNG", compress_level=0)
        frame = read_frame(file.getvalue())
        assert (frame.width, frame.height) == opened(frame.picture.content).size == (550, 550)
        assert len(frame.picture.content) <= MOST_ENCODED

    def test_what_is_behind_a_picture_is_gone(self):
        """As archives hide, and the videos of phones."""
        for kind in KINDS:
            content = picture(kind) + b"PK\x03\x04 a secret archive"
            assert b"secret" not in read_frame(content).picture.content


class TestWhatIsRefused:
    @each_of(
        "content",
        [SVG, b"hello", b"BM" + bytes(60), picture("BMP"), picture("TIFF"), picture("ICO"), b"\x00" * 99,
         b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"GIF90a" + bytes(20), b"\x89PNG", b"\xff\xd8"],
    )  # fmt: skip
    def test_other_files_are_named_for_what_they_are_not(self, content):
        assert refusal(content) == "must be a PNG, JPEG, WebP or GIF image"

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_file_that_is_cut_off_anywhere_is_refused(self, kind):
        whole = picture(kind, colour=(1, 2, 3)) if kind != "PNG" else landscape()
        for end in {*range(1, min(len(whole), 120), 7), len(whole) // 2}:
            assert refusal(whole[:end])

    def test_one_of_too_many_pixels_is_never_decoded(self):
        for content in (
            png_of(6_400, 6_251),
            png_of(2**31 - 1, 2**31 - 1),
            _gif_of(65_535, 65_535),
            _gif_of(1, 1, wide=65_535, high=65_535),
            _webp_of(16_383, 16_383),
            _jpeg_of(65_535, 65_535),
        ):
            assert refusal(content) == "must have at most 40 megapixels"

    def test_one_of_endless_rows_is_never_decoded(self):
        """Each row costs memory, however short it is: 40 million of them 1.5 GB."""
        for content in (png_of(1, 65_536), png_of(65_536, 1)):
            assert refusal(content) == "must be at most 65,535 pixels wide and high"

    def test_one_without_pixels_is_refused(self):
        for content in (png_of(0, 5), png_of(5, 0), _gif_of(0, 0, wide=0, high=0), _jpeg_of(0, 9)):
            assert refusal(content)

    def test_it_is_as_large_as_it_says_or_refused(self):
        assert refusal(png_of(6_000, 6_000, data=b"\0" * 9))
        twice = _jpeg_of(8, 8)
        size = twice[twice.index(b"\xff\xc0") : twice.index(b"\xff\xc0") + 19]
        assert refusal(twice[:2] + size + twice[2:])

    def test_a_file_above_the_bound_is_refused_unseen(self):
        assert "12 MiB" in refusal(picture() + bytes(MOST_BYTES))

    @each_of(
        "content",
        [
            b"\x89PNG\r\n\x1a\n" + png_of(8, 8)[8:33] + chunk(b"tEXt", b"") * 30_000,
            b"\xff\xd8" + b"\xff\xfe\x00\x02" * 30_000,
            b"\xff\xd8" + b"\xff" * 100_000,
            b"GIF89a" + bytes(7) + b"\x21\xfe\x00" * 30_000,
            b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\x01x" * 30_000,
        ],
        ids=["png", "jpeg", "jpeg-fill", "gif", "gif-blocks"],
    )
    def test_one_of_endless_parts_is_given_up(self, content):
        assert refusal(content) == "has more parts than any picture needs"

    def test_one_of_endless_scans_is_given_up(self):
        """Each passes over all pixels, and is a few bytes."""
        content = picture("JPEG", progressive=True)
        scan = content.rindex(b"\xff\xda")
        assert refusal(content[:scan] + content[scan:-2] * 60 + content[-2:])

    def test_giant_texts_and_profiles_are_never_unpacked(self):
        """A kilobyte of a PNG unpacks to a megabyte; a thousand of them do to a gigabyte."""
        bomb = zlib.compress(bytes(1_000_000), 9)
        extra = chunk(b"zTXt", b"k\0\0" + bomb) * 1_000 + chunk(b"iCCP", b"p\0\0" + bomb)
        head, rest = landscape()[:33], landscape()[33:]
        plain = landscape()
        heavy = head + extra + rest
        assert read_frame(heavy) == read_frame(plain)
        assert_cheap(lambda: read_frame(heavy), most=1)


def _gif_of(width, height, *, wide=1, high=1):
    return (
        b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00"
        + b"\x2c" + struct.pack("<HHHH", 0, 0, wide, high) + b"\x00\x02\x02\x44\x01\x00\x3b"
    )  # fmt: skip


def _webp_of(width, height):
    head = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + head
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _jpeg_of(width, height):
    content = picture("JPEG", size=(8, 8))
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


GOOD = [picture(kind) for kind in KINDS] + [
    picture("JPEG", progressive=True),
    picture(mode="P", colour=3),
    picture("WEBP", lossless=True),
    landscape(),
]


@settings(max_examples=250)
@given(
    st.sampled_from(GOOD),
    st.lists(
        st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6), st.booleans()), max_size=6
    ),
    st.floats(0.2, 1),
)
@example(GOOD[0], [(0.3, b"\xff\xff\xff\xff", False)], 1.0)
def test_a_damaged_file_gives_a_frame_or_a_refusal(whole, damages, share):
    """Nothing else: no exception of a decoder, no warning, no picture out of bounds. Most damage is in heads."""
    content = bytearray(whole)
    for where, damage, is_head in damages:
        at = int(where * (min(len(content), 64) if is_head else len(content)))
        content[at : at + len(damage)] = damage
    content = content[: int(share * len(content)) or 1]
    with contextlib.suppress(FrameRefused):
        frame = read_frame(bytes(content))
        assert isinstance(frame, Frame)
        assert min(frame.width, frame.height) >= 1
        assert max(frame.width, frame.height) <= LONG_SIDE


async def test_it_is_read_beside_the_event_loop():
    """The loop goes on meanwhile; the field's text is decoded there, too."""
    loop_thread, seen = threading.get_ident(), []
    frame = frame_of(data_url(landscape()))
    task = asyncio.ensure_future(frame)
    await asyncio.sleep(0)
    seen.append(threading.get_ident())
    assert (await task) == read_frame(landscape())
    assert seen == [loop_thread]
    assert any(thread.name.startswith("frames") for thread in threading.enumerate())
    with pytest.raises(FrameRefused):
        await frame_of("%")


def test_pillow_is_left_as_it_was():
    """Its settings are the process's."""
    from PIL import Image, ImageFile

    read_frame(landscape())
    assert Image.MAX_IMAGE_PIXELS == 1024 * 1024 * 1024 // 4 // 3
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
