"""What invented readers, holders and moderators write."""

REPORTS: tuple[tuple[str, str], ...] = (
    ("wrong_label", "They post photos of the harbour from their window every week. Not there."),
    ("wrong_label", "这个人一直在群里说自己在昆明，标签不对吧？"),
    ("outdated_label", "搬家两个月了，标签还是老地方。"),
    ("other", "Is this label about where they are now or where they come from?"),
    ("wrong_label", "前に一緒にお茶会をしました。表示されている場所ではないと思います。"),
    ("harmful_label", "People keep replying to the label instead of to what she wrote."),
    ("wrong_label", "標籤寫錯了，他的店就在巷口。"),
    ("outdated_label", "Volvió a casa en marzo y la etiqueta sigue igual."),
    ("wrong_label", "Это корпоративный выход в сеть, человек сидит совсем в другом месте."),
    ("harmful_label", "有人拿属地攻击他，麻烦看一下。"),
    ("wrong_label", "التسمية غير صحيحة، فهو يكتب من مدينة أخرى."),
    ("other", ""),
    (
        "wrong_label",
        "Mobile data from a travel card. I have the same one, it shows the same place.",
    ),
    ("outdated_label", "出差回来一周了。"),
)
MORE_REPORTS = ("Same here.", "我也觉得不对。", "+1", "I noticed this as well.", "同上")
CONTESTS: tuple[str, ...] = (
    "I use my employer's network for everything. I have not been where the label says.",
    "我在家里上网，运营商的出口在别的省，请改一下。",
    "My phone operator sends everything through another country. I have sent the bill.",
    "標籤讓同事以為我說謊，請協助查核。",
    "引っ越しをしましたが、表示が変わりません。ご確認ください。",
    "上个月回老家照顾家人，现在已经回来了，标签还停在那边。",
    "Я проверил у провайдера: адрес относится к соседней стране, сам я туда не ездил.",
    "Estoy de viaje por trabajo y no quiero que se vea dónde.",
)
NOTES: tuple[str, ...] = (
    "Asked the platform for the operator; answer expected tomorrow.",
    "和上周那一批像是同一个运营商出口，先放一放。",
    "Two readers who never write elsewhere reported this within a minute.",
    "数据源是 2023 年的，旧得厉害。",
    "Holder answered by mail: will send the bill.",
    "Looks like the carrier's new gateway; compare the other cases of today.",
)
EVIDENCE = (
    "The operator confirms that the range serves the place proposed here (ticket 2041).",
    "运营商工单 7718 已确认该网段的实际出口。",
    "Holder's bill seen by two people; the address on it is in the place proposed.",
    "Three months of activity elsewhere; this range was renumbered in the spring.",
)
KEPT = (
    "Every source agrees, and so does the activity of the last weeks.",
    "证据一致，维持原标签。",
    "The report is about a quarrel, not about the label.",
    "Nothing supports the report.",
)
ENDED = "The operator has corrected its records."
REFUSED = "One old screenshot is not enough; please ask the operator first."
REJECTED = "The platform sent its own gateway's addresses for an hour. Dropped; they have fixed it."
# Names that members ask for. Every one of them is invented, and so are the places in them.
NEW_NAMES: tuple[str, ...] = (
    "茶馆官方小助手",
    "Teahouse Official Support",
    "春茶新闻速递",
    "中国茶器收藏馆",
    "云雾县人民政府·茶办",
    "晨 报 茶 话",
)
ACCEPTED_NAME = "中华田园猫和茶"
NAME_ACCEPTED = "是猫的品种名，不会让人误会。"
REFUSED_NAME = "Official Teahouse Staff"
NAME_REFUSED = "The platform confirms that this member does not work there."
