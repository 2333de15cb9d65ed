"""Words that invented members are named after: tea, weather, animals, things on a shelf.

Each is (as written, in Latin letters for handles). Nobody is called like this.
"""

Word = tuple[str, str]


def _pairs(text: str) -> tuple[Word, ...]:
    """`written=latin` or a bare word that is both, separated by spaces."""
    words = []
    for item in text.split():
        written, _, latin = item.partition("=")
        words.append((written, latin or written))
    return tuple(words)


# What comes first in a name, per language.
FIRST: dict[str, tuple[Word, ...]] = {
    "en": _pairs(
        "Quiet Amber Copper Second Misty Gentle Paper Velvet Crooked Sleepy Northern Silver"
        " Little Borrowed Wandering Smoky Patient Curious Humble Mossy Salted Lantern Winter"
        " Harbour Plum Chipped Slow Marble Tidal Hollow Feathered Lucky Late Sunday Cloudy Brass"
    ),
    "zh-Hans": _pairs(
        "青瓷=qingci 半盏=banzhan 云雾=yunwu 听雨=tingyu 晚风=wanfeng 山月=shanyue 竹影=zhuying"
        " 松间=songjian 一壶=yihu 白露=bailu 远山=yuanshan 旧巷=jiuxiang 微凉=weiliang"
        " 清明=qingming 小满=xiaoman 石板=shiban 渡口=dukou 慢火=manhuo 桂花=guihua 初雪=chuxue"
        " 长亭=changting 墨色=mose 秋水=qiushui 浅草=qiancao 陶罐=taoguan 南窗=nanchuang 北坡=beipo"
        " 蓝田=lantian"
    ),
    "zh-Hant": _pairs(
        "霧峰=wufeng 老茶=laocha 海風=haifeng 巷口=xiangkou 凍頂=dongding 碧螺=biluo 夜雨=yeyu"
        " 晨光=chenguang 舊書=jiushu 貓空=maokong 榕樹=rongshu 山嵐=shanlan 木柵=muzha 鐵壺=tiehu"
        " 紅磚=hongzhuan 渡輪=dulun 午後=wuhou 青苔=qingtai 煙波=yanbo 瓦屋=wawu"
    ),
    "ja": _pairs(
        "みどりの=midori 朝霧=asagiri 小さな=chiisana 月夜の=tsukiyo 雨あがりの=ameagari"
        " ゆらゆら=yurayura 山里の=yamazato うたたね=utatane 若葉=wakaba 夕凪=yunagi"
        " 二番茶=nibancha"
        " ふわふわ=fuwafuwa 白樺=shirakaba とろり=tororin 石畳=ishidatami 花冷え=hanabie"
    ),
    "es": _pairs(
        "Tetera=tetera Taza=taza Colibrí=colibri Niebla=niebla Zorro=zorro Hierba=hierba Río=rio"
        " Caracol=caracol Faro=faro Búho=buho Manzanilla=manzanilla Nube=nube Lluvia=lluvia"
        " Barco=barco Limonero=limonero Tortuga=tortuga"
    ),
    "ar": _pairs(
        "شاي=shay إبريق=ibriq غيمة=ghayma نسيم=nasim قنديل=qandil هدهد=hudhud نجمة=najma"
        " فنجان=finjan قمر=qamar زورق=zawraq"
    ),
    "ru": _pairs(
        "Чайный=chayny Тихий=tikhiy Медный=medny Лесной=lesnoy Снежный=snezhny Сонный=sonny"
        " Янтарный=yantarny Туманный=tumanny Полуночный=polunochny Дождливый=dozhdlivy"
    ),
}

# What follows.
SECOND: dict[str, tuple[Word, ...]] = {
    "en": _pairs(
        "Kettle Heron Teapot Otter Saucer Juniper Badger Lantern Steam Oolong Sparrow Ember"
        " Infusion Pebble Willow Gaiwan Magpie Thistle Biscuit Comet Orchard Puffin Samovar"
        " Fern Snail Bergamot Whistle Hedgehog Anchor Matcha Cricket Driftwood Spoon Marmot"
    ),
    "zh-Hans": _pairs(
        "茶客=chake 煮水人=zhushui 小壶=xiaohu 闲人=xianren 灰猫=huimao 白鹭=bailu 松鼠=songshu"
        " 竹筏=zhufa 石头=shitou 客栈=kezhan 书虫=shuchong 半夏=banxia 乌龙=wulong 毛峰=maofeng"
        " 普洱=puer 星河=xinghe 鲸鱼=jingyu 行舟=xingzhou 蒲公英=pugongying 拾叶=shiye 老白=laobai"
        " 麦芽糖=maiyatang 不加糖=bujiatang 三两=sanliang"
    ),
    "zh-Hant": _pairs(
        "茶師=chashi 貓掌櫃=maozhanggui 旅人=lvren 烏龍=wulong 藍鵲=lanque 石虎=shihu 小舖=xiaopu"
        " 蓋碗=gaiwan 慢活=manhuo 書蟲=shuchong 浪花=langhua 風箏=fengzheng 鐵觀音=tieguanyin"
        " 鯨豚=jingtun 陶杯=taobei"
    ),
    "ja": _pairs(
        "急須=kyusu 茶柱=chabashira ねこ=neko たぬき=tanuki ほうじ茶=hojicha 湯のみ=yunomi"
        " すずめ=suzume 抹茶=matcha くじら=kujira 風鈴=furin きつね=kitsune だんご=dango"
        " かわうそ=kawauso 行灯=andon"
    ),
    "es": _pairs(
        "Azul=azul Sereno=sereno DeMedianoche=demedianoche Lento=lento Viajera=viajera"
        " DelSur=delsur Perdido=perdido Ámbar=ambar Dormilón=dormilon Verde=verde"
        " SinAzúcar=sinazucar DeCobre=decobre DelAlba=delalba"
    ),
    "ar": _pairs(
        "بالنعناع=binnana الفجر=alfajr هادئ=hadi أخضر=akhdar الصحراء=assahra مسافر=musafir"
        " البحر=albahr القمر=alqamar بلا_سكر=bilasukkar الورد=alward"
    ),
    "ru": _pairs(
        "Журавль=zhuravl Самовар=samovar Ёжик=yozhik Подстаканник=podstakannik Филин=filin"
        " Барсук=barsuk Листочек=listochek Пряник=pryanik Ветер=veter Кит=kit Воробей=vorobey"
    ),
}

# How the two are joined.
JOINT: dict[str, str] = {"en": " ", "es": " ", "ar": " ", "ru": " "}

EMOJI = ("🍵", "🫖", "🌿", "🌙", "🐈", "🍃", "🌊", "🦉", "🎋", "🧋", "🪴", "👩🏽‍🌾", "🐈‍⬛", "❄️")

LONG_NAMES: dict[str, str] = {
    "en": "The Honourable Society of Second Infusions, Slightly Chipped Cups and Unsent Letters",
    "zh-Hans": "每天下午三点准时烧水但总是忘记把茶叶放进壶里的那位住在旧巷尽头的闲人",
    "zh-Hant": "在貓空山頂等一場不會停的雨順便把整本舊書和三壺鐵觀音都慢慢喝完的旅人",
    "ja": "雨あがりの縁側で二番茶をすすりながら猫が帰ってくるのを気長に待っている人",
    "es": "La Tetera Que Siempre Silba Cuando Por Fin Te Sientas A Leer El Último Capítulo",
    "ar": "إبريق الشاي الذي لا يغلي أبدا ما دام أحد ينظر إليه من نافذة المطبخ القديمة",
    "ru": "Полуночный Подстаканник С Отколотой Ручкой Из Вагона Дальнего Следования",
}

BIOS: dict[str, tuple[str, ...]] = {
    "en": (
        "Mostly here for the teaware photos.",
        "Boils water professionally. Well, daily.",
        "Collects lids without pots. Trades for pots without lids.",
        "Oolong in the morning, herbal after dark.\nAsk me about my leaking kettle.",
        "",
    ),
    "zh-Hans": (
        "爱喝茶，不懂茶。",
        "水开三遍，话说半句。",
        "收集有缺口的杯子，也收集有缺口的故事。",
        "白天写字，晚上煮水。\n欢迎聊岩茶。",
        "",
    ),
    "zh-Hant": ("山上住了三年，喝了三年。", "茶涼了再續就好。", "逛舊書店，順便買茶。", ""),
    "ja": ("お茶とねこと雨の日が好きです。", "急須を集めています。", "二煎目からが本番。", ""),
    "es": ("Té, lluvia y libros usados.", "Busco la tetera perfecta desde siempre.", ""),
    "ar": ("شاي بالنعناع وكتاب قديم.", "أجمع الأباريق القديمة وحكاياتها.", ""),
    "ru": ("Завариваю и молчу.", "Коллекционирую подстаканники.\nМёд приносите с собой.", ""),
}
