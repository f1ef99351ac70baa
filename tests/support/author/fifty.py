"""Fifty premises in eight languages: what both authors are held to."""

# ruff: noqa: RUF001 - letters of other scripts are what this is about

BY_LANGUAGE = {
    "English": (
        "a lighthouse keeper who finds a door under the sea",
        "two sisters collect lost letters in a drowned city",
        "You are a courier who must deliver a glass heart across the desert before dawn",
        "a knight who never kills",
        "an abandoned space station where the AI sings lullabies; nothing works without a key",
        "goblins run a coffee shop inside a volcano",
        "dragon",
        "There is no door. Don't shoot! A whiteout blinds the guns, and nobody can't be executed.",
    ),
    "German": (
        "Ein Ritter sucht den Schlüssel im verschneiten Wald",
        "Eine Uhrmacherin repariert eine eingefrorene Stadt",
        "Der letzte Zug zum Mond fährt um Mitternacht ab, und niemand hat eine Fahrkarte",
        "Ein Bäcker weckt einen schlafenden Drachen mit frischem Brot",
        "Wir müssen aus der Bibliothek entkommen, bevor der Regen die Bücher auflöst",
        "Kein Tor, nie ein Licht, ohne Hoffnung: ein Bergwerk",
    ),
    "French": (
        "un gardien de phare qui trouve une porte sous la mer",
        "une horlogère répare une ville gelée",
        "L'accordeur de piano dans la maison aux miroirs",
        "Deux enfants suivent un renard hors d'un marais plein de brume",
        "Une pirate cherche l'or d'un capitaine qui n'a jamais existé",
        "le théâtre au bout du monde",
    ),
    "Spanish": (
        "un cartero entrega la última carta en una ciudad inundada",
        "Una apicultora vive en una isla que flota entre las nubes",
        "¿Quién robó la campana del monasterio helado?",
        "El jardinero robot cuida el último invernadero de Marte",
        "una detective busca un cuadro en el París de los años veinte",
        "No hay salida, nadie recuerda la llave, pero hay que salir antes del alba",
    ),
    "Russian": (
        "Смотритель маяка находит дверь под морем",
        "Девочка ищет бабушкин рецепт в заколдованном лесу",
        "Последний поезд на Луну отправляется в полночь",
        "Часовщик чинит замёрзший город",
        "В библиотеке не хватает одной книги, и без неё никто не выйдет",
        "Кот сидит на башне с часами",
    ),
    "Japanese": (
        "海の下で扉を見つける灯台守",
        "雨の中で桜の木を守る侍",
        "真夜中に動き出すおもちゃの工房",
        "月へ向かう最後の列車",
        "火山の中の喫茶店で働く小鬼たち",
        "図書館から一冊の本が消えた",
    ),
    "Arabic": (
        "حارس منارة يجد بابا تحت البحر",
        "ساعاتي يصلح مدينة متجمدة",
        "فارس يبحث عن مفتاح في غابة الثلج",
        "آخر قطار إلى القمر يغادر عند منتصف الليل",
        "بستاني يعتني بآخر حديقة على المريخ",
        "لا باب هنا ولا نور، فكيف نخرج؟",
    ),
    "Chinese": (
        "一个灯塔看守人在海底发现了一扇门",
        "钟表匠修理一座冰封的城市",
        "开往月球的末班列车",
        "机器人园丁照料火星上最后的温室",
        "狐狸带领迷路的孩子走出雾中的沼泽",
        "没有钥匙，就没有人能离开图书馆",
    ),
}
FIFTY = tuple(premise for premises in BY_LANGUAGE.values() for premise in premises)
