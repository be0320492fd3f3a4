"""What people wrote through the website's contact form, in the languages they wrote it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.services.demo.people import ascii_folded
from desktop.services.demo.rows import Message, identity

if TYPE_CHECKING:
    from desktop.services.demo.plans import Calendar

CLOCKS = ("08:12", "09:47", "11:30", "13:05", "14:58", "16:21", "19:40", "21:16")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message; ``days`` counts back from today, ``code`` is the calling code of the sender's country."""

    days: int
    status: str
    name: str
    code: str
    subject: str | None
    text: str


LETTERS = (
    Letter(
        298,
        "resolved",
        "Harini Subramaniam",
        "91",
        "Invoice",
        "Could I have an invoice with our GST number, please?",
    ),
    Letter(
        271,
        "resolved",
        "Jörg Wüthrich",
        "41",
        "Parkplatz",
        "Gibt es beim Museum Parkplätze, oder komme ich besser mit dem Tram?",
    ),
    Letter(
        240,
        "resolved",
        "Camila Azevedo",
        "55",
        "Mesa na feira",
        "Olá! Somos uma editora de dois. Ainda há mesas livres?",
    ),
    Letter(
        214,
        "resolved",
        "Aoife Ní Dhomhnaill",
        "353",
        "Lost scarf",
        "Blue, wool, second chair by the window. I would love to have it back.",
    ),
    Letter(
        188,
        "resolved",
        "Omar Khalil",
        "971",
        None,
        "Do you lend microphones to schools? We would collect and return them ourselves.",
    ),
    Letter(
        162,
        "resolved",
        "प्रिया शर्मा",
        "91",
        "टिकट",
        "मेरा टिकट नहीं आया है। क्या आप फिर से भेज सकते हैं?",
    ),
    Letter(
        140,
        "resolved",
        "Łukasz Dąbrowski",
        "48",
        "Zmiana nazwiska",
        "Czy mogę przepisać bilet na żonę? Ja niestety nie mogę przyjechać.",
    ),
    Letter(
        121,
        "resolved",
        "Beatriz Nóbrega",
        "55",
        "Fotos",
        "As fotos da feira estão em algum lugar? Gostaria de mostrar à minha mãe.",
    ),
    Letter(
        97,
        "resolved",
        "Thomas Whitaker",
        "44",
        "Step-free access",
        "My father uses a wheelchair. Is there a lift to the workshop room, and how wide is it?",
    ),
    Letter(
        77,
        "resolved",
        "Solène Mercier",
        "33",
        "Facture",
        "Bonjour, pourriez-vous m’envoyer la facture pour deux chaises longues ?",
    ),
    Letter(
        64,
        "resolved",
        "Zeynep Yıldırım",
        "90",
        "Öğrenci bileti",
        "Öğrenci bileti için hangi belge gerekiyor?",
    ),
    Letter(
        41,
        "read",
        "Nguyễn Thị Hồng",
        "84",
        "Visa letter",
        "I am invited to speak at the summit. Could you send a letter for the visa office?",
    ),
    Letter(
        33,
        "read",
        "Álvaro Ibáñez",
        "34",
        "Comida",
        "Soy alérgico a los cacahuetes. ¿Habrá algo para mí en la comida?",
    ),
    Letter(
        26,
        "read",
        "Ṣadé Ògúnlànà",
        "234",
        "Group of twelve",
        "We are twelve from one office. Is there a way to register all of us at once?",
    ),
    Letter(
        19,
        "read",
        "佐藤 花子",
        "81",
        None,
        "ライブ配信の録画は後で見られますか？",
    ),
    Letter(
        15,
        "read",
        "Rania Chehab",
        "971",
        "Stall at the coffee festival",
        "We roast ten kilos a week. Is that too small for you?",
    ),
    Letter(
        9,
        "read",
        "Girish Karanth",
        "91",
        "Kannada session",
        "Will there be one session in Kannada this year? Last year's was the best of the day.",
    ),
    Letter(
        6,
        "unread",
        "Meenakshi Iyer",
        "91",
        "Jazz refund",
        "The roof, I understand. When does the money come back?",
    ),
    Letter(
        5,
        "unread",
        "Matthias Nägeli",
        "41",
        "Warteliste",
        "Ich bin Nummer drei auf der Warteliste. Lohnt es sich, den Abend freizuhalten?",
    ),
    Letter(
        4,
        "unread",
        "محمد المنصوري",
        "971",
        "التسجيل",
        "هل يمكن تسجيل أربعة أشخاص ببريد واحد؟",
    ),
    Letter(
        3,
        "unread",
        "Wambui Kariuki",
        "254",
        "Two tickets, one name",
        "I bought two workshop passes and both carry my name. One is for my sister Achieng.",
    ),
    Letter(
        2,
        "unread",
        "李 雷",
        "86",
        "发票",
        "请问可以开具公司抬头的发票吗？",
    ),
    Letter(
        2,
        "unread",
        "Varsha Prabhu",
        "91",
        None,
        "Please take me off the waitlist, I found another date. Thank you for asking so nicely!",
    ),
    Letter(
        1,
        "unread",
        "Zoë Fernández",
        "34",
        "Am I still first?",
        "Hello, I am number one for the workshop pass. No hurry, I only have to book a train.",
    ),
)


def received(calendar: Calendar) -> list[Message]:
    """Every message, oldest first; answered ones were touched a day later."""
    messages = []
    for number, letter in enumerate(LETTERS, start=1):
        submitted = calendar.ago(letter.days, CLOCKS[number % len(CLOCKS)])
        submitted = min(submitted, calendar.present)
        answered = calendar.ago(letter.days - 1, "10:45") if letter.status != "unread" else submitted
        messages.append(
            Message(
                id=identity("message", number),
                user_id=None,
                name=letter.name,
                email=f"{_local(letter.name) or f'letter{number:02d}'}@example.org",
                country_code=f"+{letter.code}",
                phone_number=f"000{number * 7919 % 1_000_000:06d}",
                subject=letter.subject,
                message=letter.text,
                status=letter.status,
                token=identity("message token", number),
                submitted_at=submitted,
                updated_at=answered,
            )
        )
    return messages


def _local(name: str) -> str:
    return ascii_folded(name.replace(" ", ".")).strip(".")
