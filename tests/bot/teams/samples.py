"""Messages and forms such as the product's, for looking at how Teams shows them."""

from __future__ import annotations

from handlers.messages import (
    Ask,
    Bar,
    Button,
    Choice,
    Divider,
    Facts,
    File,
    Form,
    Input,
    Items,
    Message,
    Note,
    Picture,
    Quote,
    Scale,
    Table,
    Text,
)

LABELS = ("1 Not at all", "2", "3 So-so", "4", "5 Delighted")
INITIATIVES = (Choice("work", "My work today"), Choice("#1", "Checkout retry for failed cards"))

QUESTION = Message(
    "Would Meera be happy to pay for today?",
    (
        Text(
            "Shop owners pay us €49 a month. If Meera knew what you will spend today on, how happy would she be?"
        ),
        Ask(Input("about", "About", "choice", "#1", choices=INITIATIVES)),
        Scale(tuple(Button(label, "checkin.save", {"score": label[0], "team": "3"}) for label in LABELS)),
        Ask(
            Input("sentence", "When did you last buy something in our own shop?", optional=True, hint="Optional.")
        ),
        Note("Counted anonymously in #checkout's digest at 16:00, once four people have answered."),
    ),
    (),
    (
        Button("Skip today", "checkin.skip", {"date": "2026-11-23"}),
        Button("In an hour", "checkin.snooze", {"date": "2026-11-23"}),
        Button("Away until…", "pause"),
        Button("Why me?", "why"),
    ),
)
SUMMARY = Message(
    "Checkout retry: partly a success",
    (
        Text("Failed payments recovered: planned 20 %, reached 17.4 %, from 12 %. Two thirds of the way."),
        Picture(
            "From 12 % to 17.4 %, where 20 % was planned.",
            (Bar("From", 0.6, "12 %"), Bar("Planned", 1.0, "20 %"), Bar("Reached", 0.87, "17.4 %")),
        ),
        Facts((("Measured from", "Tuesday 24 November"), ("Source", "the payments dashboard"))),
        Divider(),
        Text("The team says: partly (4), yes (1), no (1: support). 6 of 7 answered."),
        Quote(
            "Retries help cards, not wallets.\nMost failures are *wallets* by now – see [here](https://a.example).",
            "Ana Ruiz",
        ),
        Items(("Split by payment kind before choosing the measure.", "Ask support first.")),
        Table(("Week", "Mean", "Answers"), (("48", "4.2", "6"), ("49", "3.8", "7"))),
        Table(
            ("Initiative", "Value", "Effort"),
            (("Checkout retry for failed wallets and cards", "5 of 5", "3 weeks"), ("Wallet", "3 of 5", "1 week")),
        ),
        File("my-data.json", "application/json", "{}"),
    ),
    (
        Button("Read all answers", "retro.read", {"retro": "1"}, "main"),
        Button("Something to add?", "retro.add", {"retro": "1"}),
        Button(
            "Erase all", "my-data.erase-now", {}, "danger", "Everything that is yours goes, for good. Erase it?"
        ),
    ),
    tuple(Button(f"Another thing {number}", "retro.show", {"retro": str(number)}) for number in range(8)),
)
DEFINE = Form(
    "Checkout retry: what will success look like, and for whom?",
    "define-success",
    (
        Input(
            "who", "Who benefits?", "choice", "1", choices=(Choice("1", "Shop owners"), Choice("2", "Shoppers"))
        ),
        Input("change", "What changes for them?", "text", "Customers whose card fails still complete their order"),
        Input("measure", "Measure", value="failed payments recovered", hint="Something you can count or ask."),
        Input("baseline", "From", value="12 %"),
        Input("target", "To", value="12 %"),
        Input("stop", "We would stop if…", "text", optional=True),
        Input("days", "Days", "many", "0,1", choices=tuple(Choice(str(n), f"Day {n}") for n in range(5))),
        Input(
            "people",
            "Person",
            "choice",
            choices=tuple(Choice(str(n), f"Person {n}") for n in range(30)),
            optional=True,
        ),
    ),
    "Define it",
    {"initiative": "1"},
    (Text("Similar: Wallet, judged in March: partly a success."),),
    {"target": "The target equals where you are now (12 %). What should it become?", "team": "Not there."},
)
SAMPLES: dict[str, Message | Form] = {"question": QUESTION, "summary": SUMMARY, "define": DEFINE}
