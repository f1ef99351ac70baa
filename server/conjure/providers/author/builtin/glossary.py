# ruff: noqa: E501, RUF001 (lists of words of many scripts)
"""Words of other languages, so that a premise in one of them gives the world that it would give in English.

German, French, Spanish, Portuguese, Italian, Russian, Chinese, Japanese, Korean, Arabic, Hindi, and signs.
It knows what people ask worlds for, not languages: a word that it lacks is left to the inscription.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["who", "where", "what", "how", "under", "deed"]
"""Who it is about, where it happens and whether beneath it, what is wanted and done, and how all looks."""

# English, then what words begin with; `_` inside is a space, and at the end says that the word ends there.
_WORDS: Final[dict[Role, str]] = {
    "who": """
lighthouse keeper|leuchtturmwärter gardien_de_phare gardienne_de_phare farero farera faroleir guardião_do_farol guardiano_del_faro смотритель_маяка смотрителя_маяка 灯塔看守 灯塔守护 守塔人 灯台守 등대지기 حارس_منارة حارس_المنارة प्रकाशस्तंभ_रक्षक
knight|ritter chevalier caballer cavaleir cavalier рыцар 骑士 騎士 기사 فارس शूरवीर योद्धा
witch|hexe sorcière bruja bruxa strega ведьм 女巫 魔女 마녀 ساحرة चुड़ैल डायन
wizard|zauberer magicien sorcier_ mago_ feiticeiro волшебник маг_ 巫师 魔法师 魔法使い 마법사 ساحر जादूगर
princess|prinzessin princesse princesa principessa принцесс 公主 お姫様 姫 王女 공주 أميرة राजकुमारी
prince|prinz prince príncipe principe принц 王子 왕자 أمير राजकुमार
queen|königin reine reina rainha regina королев 女王 여왕 ملكة रानी
king|könig roi_ rois_ rey_ reyes rei_ reis_ re_ корол 国王 王様 왕 ملك राजा
pirate|pirat pirate pirata пират 海盗 海賊 해적 قرصان قراصنة समुद्री_डाकू
sailor|seemann matros marin marinero marinheiro marinaio моряк матрос 水手 船乗り 선원 بحار नाविक
fisherman|fischer pêcheur pescador pescatore рыбак 渔夫 渔民 漁師 어부 صياد_سمك صياد मछुआर
captain|kapitän capitaine capitán capitão capitano капитан 船长 船長 선장 قبطان कप्तान
detective|detektiv détective detective investigador детектив сыщик 侦探 探偵 탐정 محقق जासूस
thief|dieb voleu ladrón ladrão ladro вор_ воровк 小偷 盗贼 泥棒 盗賊 도둑 اللص चोर
astronaut|astronaut astronauta космонавт астронавт 宇航员 宇宙飛行士 우주비행사 رائد_فضاء अंतरिक्ष_यात्री 👩‍🚀 👨‍🚀
robot|roboter robot um_robô o_robô robôs_ робот 机器人 ロボット 로봇 روبوت रोबोट 🤖
dragon|drach dragon dragón dragão drago дракон 龙 龍 ドラゴン 竜 용을 용이 드래곤 تنين अजगर ड्रैगन 🐉 🐲
cat|katze kater chat_ chatte gato gata gatt кошк кот_ 猫 고양이 قطة बिल्ली 🐈 🐱
dog|hund_ chien perro perra cachorro cane_ собак 狗 犬 강아지 كلب कुत्ता कुत्ते 🐕 🐶
fox|fuchs renard zorro raposa volpe лиса_ лисы_ лису_ лисица лисёнок 狐狸 狐 キツネ 여우 ثعلب लोमड़ी 🦊
wolf|wolf_ loup_ lobo lupo волк 狼 늑대 ذئب भेड़िया 🐺
girl|mädchen fille_ fillette niña chica menina garota ragazz bambina девочк девушк 女孩 少女 소녀 فتاة लड़की
boy|junge_ garçon niño chico menino garoto ragazzo bambino мальчик 男孩 少年 소년 ولد लड़का लड़के
child|kind_ kinder enfant criança дети_ ребёнок ребенок 孩子 子供 아이 طفل أطفال बच्चा बच्चे
old woman|alte_frau vieille_dame anciana velha vecchia старух 老奶奶 おばあさん 할머니 عجوز बूढ़ी_औरत
old man|alter_mann vieil_homme anciano viejo velho vecchio старик 老人 老爷爷 おじいさん 할아버지 رجل_عجوز बूढ़ा
monk|mönch moine monje monge monaco монах 和尚 僧侣 僧侶 修道士 스님 راهب साधु भिक्षु
baker|bäcker boulang panader padeir fornaio пекар 面包师 パン屋 제빵사 خباز नानबाई
gardener|gärtner jardinier jardinera jardiner giardinier садовник 园丁 庭師 정원사 بستاني माली
clockmaker|uhrmacher horloger relojero relojoeiro orologiaio часовщик 钟表匠 時計職人 시계공 صانع_ساعات ساعاتي घड़ीसाज़
ghost|gespenst geist_ fantôme fantasma призрак привидени 幽灵 鬼魂 幽霊 유령 شبح भूत 👻
samurai|samurai samouraï samurái самура 武士 侍 サムライ 사무라이 ساموراي समुराई
explorer|forscher entdecker explorat explorad esplorat исследовател 探险家 探検家 탐험가 مستكشف खोजकर्ता
musician|musiker musicien músico musicista музыкант 音乐家 音楽家 음악가 موسيقي संगीतकार
sisters|schwestern sœurs soeurs hermanas irmãs sorelle сёстр сестр 姐妹 姉妹 자매 أختان शقيقات बहनें
mermaid|meerjungfrau sirène sirena sereia русалк 美人鱼 人魚 인어 حورية जलपरी 🧜
merchant|kaufmann händler marchand mercader comerciante mercante купец торговц 商人 상인 تاجر व्यापारी
""",
    "what": """
door|tür porte_ puerta porta_ двер 门 門 扉 ドア 문을 문이 باب दरवाज़ा दरवाजा 🚪
key|schlüssel clé_ clef llave chave chiave ключ 钥匙 鍵 열쇠 مفتاح चाबी कुंजी 🗝 🔑
treasure|schatz trésor tesoro tesouro сокровищ клад_ клада_ 宝藏 财宝 宝物 宝 보물 كنز खज़ाना खजाना 💎
book|buch livre_ libro livro книг 书 本を 本の 책을 كتاب किताब पुस्तक 📖
map|landkarte karte_ carte_ mapa mappa карт 地图 地図 지도 خريطة नक्शा
crown|krone couronne corona coroa корон 王冠 왕관 التاج تاجا मुकुट ताज 👑
sword|schwert épée espada spada меч_ 剑 剣 검을 سيف तलवार 🗡
letter|brief_ briefe lettre carta_ cartas lettera lettere письм 信件 封信 手紙 편지 رسالة رسائل चिट्ठी पत्र ✉
bell|glocke cloche campana sino_ колокол 钟 鐘 鈴 종을 جرس घंटी 🔔
lantern|laterne lanterne linterna farol_ lanterna фонар 灯笼 提灯 ランタン 등불 فانوس लालटेन 🏮
mirror|spiegel miroir espejo espelho specchio зеркал 镜子 鏡 거울 مرآة दर्पण शीशा 🪞
ring|ring_ anneau bague anillo anel anello кольц 戒指 指輪 반지 خاتم अंगूठी 💍
flower|blume fleur flor_ flores fiore цвет_ цветок 花 꽃 زهرة फूल 🌸 🌺 🌹
tree|baum arbre árbol árvore albero дерев 树 木を 나무 شجرة पेड़ 🌳
star|stern_ sterne étoile estrella estrela stella звезд 星 별을 별이 نجمة نجوم तारा तारे ⭐ 🌟
song|lied_ lieder chanson canción canção canzone песн 歌 노래 أغنية गीत गाना 🎵
secret|geheimnis secret_ secreto segredo segreto тайн 秘密 비밀 रहस्य
painting|gemälde tableau cuadro quadro dipinto картин 一幅画 画作 絵 그림 لوحة चित्र 🖼
clock|uhr_ horloge reloj relógio orologio часы 时钟 時計 시계 ساعة घड़ी 🕰
egg|ei_ œuf huevo ovo_ uovo яйц 蛋 卵 알을 بيضة अंडा 🥚
violin|geige violon violín violino скрипк 小提琴 バイオリン 바이올린 كمان वायलिन 🎻
gold|gold_ or_ oro_ ouro_ золото_ золота_ 金子 黄金を 금을 الذهب सोना
recipe|rezept recette receta receita ricetta рецепт 食谱 レシピ 레시피 وصفة नुस्खा
heart|herz cœur corazón coração cuore сердц 心脏 心臓 심장 قلب दिल_ ❤
""",
    "where": """
sea|meer mer_ mar_ mare_ море моря морем морск 海 바다 بحر समुद्र सागर 🌊
castle|burg_ schloss château castillo castelo castello замок замк 城堡 城 성에 قلعة قصر किला क़िला महल 🏰
forest|wald forêt bosque floresta foresta bosco лес_ лесу леса лесной 森林 森 숲 غابة जंगल वन_ 🌲
desert|wüste désert desierto deserto пустын 沙漠 砂漠 사막 صحراء रेगिस्तान 🏜
mountain|berg_ berge montagne montaña montanha montagna гора_ горы горах 山 산에 산을 جبل पहाड़ पर्वत ⛰ 🏔
city|stadt ville_ ciudad cidade città город 城市 都市 도시 مدينة शहर नगर 🏙
village|dorf_ village pueblo aldea villaggio деревн 村庄 村 마을 قرية गाँव गांव
island|insel île_ isla_ ilha isola остров 岛 島 섬 جزيرة द्वीप 🏝
lighthouse|leuchtturm phare_ faro_ farol_ маяк 灯塔 灯台 등대 منارة प्रकाशस्तंभ
library|bibliothek bibliothèque biblioteca библиотек 图书馆 図書館 도서관 مكتبة पुस्तकालय 📚
space station|raumstation station_spatiale estación_espacial estação_espacial stazione_spaziale космическ 空间站 太空站 宇宙ステーション 우주정거장 محطة_فضاء अंतरिक्ष_स्टेशन 🛰
cave|höhle grotte caverne cueva caverna grotta пещер 洞穴 洞窟 동굴 كهف गुफा
temple|tempel temple templo tempio храм 寺庙 神殿 寺 사원 معبد मंदिर ⛩
garden|garten jardin_ jardín jardim giardino сад_ саду 花园 庭園 庭 정원 حديقة बगीचा बाग
river|fluss rivière río_ rio_ fiume река реки реке 河 川 강을 نهر नदी
house|haus_ maison casa_ дом_ доме 房子 家 屋敷 집에 بيت منزل घर_
theatre|theater théâtre teatro театр 剧院 劇場 극장 مسرح रंगमंच 🎭
train|zug_ train_ tren_ trem_ treno поезд 火车 列车 列車 기차 قطار रेलगाड़ी 🚂
tower|turm tour_ torre башн 塔 탑 برج मीनार
market|markt marché mercado mercato рынок рынк 市场 市場 시장 سوق बाज़ार बाजार
moon|mond_ lune luna_ lua_ лун 月亮 月球 月の 月へ 月面 달에 قمر चाँद चांद 🌙
mars|mars_ marte марс 火星 화성 المريخ मंगल_ग्रह
galaxy|galaxie galaxia galáxia galassia галактик 星系 银河 銀河 은하 مجرة आकाशगंगा 🌌
museum|museum_ musée museo museu музе 博物馆 博物館 박물관 متحف संग्रहालय
mine|bergwerk mine_ mina_ miniera шахт 矿井 鉱山 광산 منجم खान_
school|schule école escuela escola scuola школ 学校 학교 مدرسة विद्यालय स्कूल
bridge|brücke pont_ puente ponte_ мост_ мосту 桥 橋 다리를 جسر पुल_
monastery|kloster monastère monasterio mosteiro monastero монастыр 修道院 수도원 الدير मठ_
swamp|sumpf marais pantano pântano palude болот 沼泽 沼 늪 مستنقع दलदल
greenhouse|gewächshaus serre_ invernader estufa serra_ теплиц оранжере 温室 온실 دفيئة
workshop|werkstatt atelier taller_ oficina_ officina мастерск 作坊 工房 공방 ورشة कार्यशाला
coffee shop|kaffeehaus café_ cafetería кафе кофейн 咖啡馆 喫茶店 카페 مقهى
volcano|vulkan volcan volcán vulcão vulcano вулкан 火山 화산 بركان ज्वालामुखी 🌋
""",
    "how": """
night|nacht nuit_ noche noite notte ночь ночи ночью 夜 밤 ليل रात 🌃
snow|schnee neige_ nieve neve_ снег снеж 雪 눈이 눈_덮인 ثلج बर्फ ❄
winter|winter_ hiver invierno inverno зим 冬 겨울 شتاء सर्दी
rain|regen pluie lluvia chuva pioggia дожд 雨 비가 مطر बारिश वर्षा 🌧
storm|sturm tempête tormenta tempestade tempesta буря_ бури_ бурю_ шторм 风暴 暴风 嵐 폭풍 عاصفة तूफ़ान तूफान ⛈
fog|nebel brouillard niebla névoa nebbia туман 雾 霧 안개 ضباب कोहरा
sunset|sonnenuntergang coucher_de_soleil atardecer pôr_do_sol tramonto закат 日落 夕日 夕焼け 노을 غروب सूर्यास्त 🌅
morning|morgen_ matin mañana manhã mattino утро_ утром_ утра_ 早晨 朝 아침 صباح सुबह
summer|sommer_ été_ verano verão estate_ лето летн 夏 여름 صيف गर्मी ☀
golden|golden doré dorad dourad dorat золот 金色 黄金 황금 ذهب सुनहर सोने
magic|magie magisch magique mágic magic волшебн 魔法 마법 سحر जादुई जादू ✨
lost|verloren perdu_ perdid perdut потерян 失落 失われた 잃어버린 مفقود ضائع खोई खोया
""",
    "under": """
under|unter_ sous_ bajo_ debajo sob_ sotto под_ 下面 の下 底 아래 تحت नीचे
""",
    "deed": """
find|such find finde cherch trouv busc encuentr encontr procur cerca_ cercano cercando trov ищет искать наход найти 寻找 找到 发现 探す 見つけ 찾 발견 يبحث يجد تبحث تجد खोज ढूंढ ढूँढ
rescue|rett sauv rescat salv спас 拯救 救 助け 구하 구출 ينقذ تنقذ बचा
steal|stiehlt stehl vole_ voler roba_ robar rouba ruba крад украс 偷 盗む 훔치 يسرق تسرق चुरा
guard|bewach garde_ protèg proteg cuida guard охраня защища 守护 保护 守る 지키 يحرس تحرس रक्षा
return|zurück ramèn rapport devuelv devolv restitu верн возвращ 归还 返す 돌려 يعيد लौटा
open|öffn ouvr abre_ abrir apre откр 打开 開け 열어 여는 يفتح تفتح खोल
repair|reparier répar repar ripar чинит починит 修理 修复 直す 고치 يصلح تصلح मरम्मत
wake|weckt réveill despiert acord svegli буд 唤醒 起こす 깨우 يوقظ जगा
""",
}
_SPACED: Final = re.compile("[A-Za-z\u00c0-\u058f\u0900-\u0dff\u1e00-\u1fff]")
"""Scripts that put spaces between words, and only add to their ends."""
_LETTERS: Final = re.compile(r"[^\W_]|[\u0900-\u097f]")  # vowels of Hindi are no letters to `re`
_SPACE: Final = re.compile(r"\s+")
_MOST_ENDING: Final = 7


@dataclass(frozen=True, slots=True)
class Word:
    """What a word of a premise means, in English."""

    english: str
    role: Role


def _fold(text: str) -> str:
    """Small letters without accents, as people type who are in a hurry; `_` for space."""
    apart = unicodedata.normalize("NFKD", text).lower().replace("œ", "oe")
    bare = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return _SPACE.sub("_", bare)


def _entries() -> tuple[dict[str, Word], dict[str, Word]]:
    """By what words begin with, and by whole words."""
    begins: dict[str, Word] = {}
    wholes: dict[str, Word] = {}
    for role, lines in _WORDS.items():
        for line in lines.strip().splitlines():
            english, _, stems = line.partition("|")
            for stem in map(_fold, stems.split()):
                entries = wholes if stem.endswith("_") else begins
                entries.setdefault(stem.rstrip("_"), Word(english, role))
    return begins, wholes


_BEGINS, _WHOLES = _entries()
_LONGEST: Final = max(map(len, (*_BEGINS, *_WHOLES)))


def words(text: str) -> dict[str, Word]:
    """The words of a text that are known, in its order, by how they stand there in small letters."""
    found: dict[str, Word] = {}
    folded = _fold(text)
    at, last, end_of_last = 0, "", -2
    while at < len(folded):
        word, end = _at(folded, at)
        if word is not None:
            before = found.get(last)
            if before and at - end_of_last <= 1 and _is_compound(before, word):
                both = (before.english + word.english).replace("robot", "")
                found[last] = Word(f"robot {both}", "who")
            else:
                last = folded[at:end]
                found[last] = word
            end_of_last = end
        at = end
    return found


def _at(text: str, at: int) -> tuple[Word | None, int]:
    """The longest word that is known at a place, and where the search goes on."""
    is_spaced = _SPACED.match(text, at) is not None
    for end in range(min(at + _LONGEST, len(text)), at, -1):
        said = text[at:end]
        begins, whole = _BEGINS.get(said), _WHOLES.get(said)
        if begins is None and whole is None:
            continue
        if not is_spaced:
            return begins or whole, end
        ending = _end_of_word(text, end) - end
        if begins is not None and ending <= _MOST_ENDING:
            return begins, end + ending
        if whole is not None and not ending:
            return whole, end
    return None, max(at + 1, _end_of_word(text, at) if is_spaced else 0)


def _end_of_word(text: str, at: int) -> int:
    while _LETTERS.match(text, at):
        at += 1
    return at


def _is_compound(one: Word, other: Word) -> bool:
    """Whether two words side by side are one somebody: "jardinero robot"."""
    return one.role == other.role == "who" and [one.english, other.english].count("robot") == 1
