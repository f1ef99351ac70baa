"""German, as it is heard and spoken."""

from conjure.providers.brain.builtin.language import Language

GERMAN = Language(
    code="de",
    function="""
    der die das den dem des ein eine einen einem einer eines und oder aber wenn dann von zu zum zur in im an am auf
    bei mit aus nach für über als ist bin bist sind seid war waren wird wurde werden hat habe hast haben hatte hatten
    kann kannst können will willst soll muss darf nicht nein ja ich mich mir mein meine meinen meinem meiner du dich
    dir dein deine deinen deinem deiner er ihn ihm sein seine sie ihr ihre es wir uns unser euch euer dies diese
    dieser dieses jener hier dort da was wer wen wem wessen welche welcher welches wann wo warum wieso weshalb wie so
    sehr auch nur weil dass ob noch schon mal doch denn etwas nichts
    hallo guten tschüss danke bitte gibt gab heißt wohnst kennst weißt
    """,
    stop="""
    sag sage sagen erzähl erzähle erzählen wissen kennen denken denkst glaubst möchte möchtest mag magst bitte
    wirklich gut viel viele alle alles mehr ding dinge machen macht tun gehen geht kommen komm reden sprechen erkläre
    erklär beschreib immer nie wieder jetzt heute eins vielleicht gern gerne fragen frage antwort hören geschichte
    bisschen ganz jemand passiert passierte geschah geschehen los irgendwas
    """,
    you="du dich dir dein deine deinen deinem deiner deines sie ihr ihre ihren ihrem euch",
    negation="nicht nie kein keine niemals",
    cues={
        "my_name": "mein name ist | ich heiße | ich heisse | nenn mich | man nennt mich",
        "ask_my_name": "wie heiße ich | wie ist mein name | kennst du meinen namen | wer bin ich "
        "| erinnerst du dich an mich | weißt du wer ich bin | weißt du noch wie ich heiße | weißt du meinen namen",
        "ask_name": "wie heißt du | wie ist dein name | dein name | wer bist du | wie heißen sie | wer sind sie "
        "| wie soll ich dich nennen | stell dich vor",
        "ask_self": "über dich | von dir | was machst du | dein leben | was bist du von beruf | was arbeitest du",
        "ask_feel": "wie geht es dir | wie geht s dir | wie geht s | wie gehts | wie fühlst du dich | geht es dir gut "
        "| bist du glücklich | bist du traurig | bist du wütend | alles gut | alles in ordnung | was ist los "
        "| wie geht es ihnen",
        "ask_opinion": "magst du | liebst du | hasst du | was hältst du von | was denkst du über | was denkst du | glaubst du an "
        "| deine meinung | möchtest du | willst du | vermisst du | wovor hast du angst | was fürchtest du | hast du angst vor | hast du angst | gefällt dir",
        "ask_secret": "hast du ein geheimnis | hast du geheimnisse | hast du auch ein geheimnis "
        "| verrate mir ein geheimnis | erzähl mir ein geheimnis | was ist dein geheimnis "
        "| was verbirgst du | was verschweigst du | verbirgst du etwas",
        "ask_age": "wie alt bist du | wann bist du geboren | wann wurdest du geboren | dein alter | dein geburtstag",
        "ask_place": "wo sind wir | wo bin ich | was ist das für ein ort | wo bist du | wo wohnst du | wo lebst du",
        "ask_topics": "worüber können wir reden | was weißt du | was kannst du mir erzählen | was kann ich fragen "
        "| worüber möchtest du reden | erzähl mir eine geschichte | erzähl mir etwas | hilfe | erzähl mir was "
        "| erzähl etwas | erzähl was",
        "ask_back": "und du | und dir | und selbst",
        "more": "wirklich | echt | im ernst | stimmt das | erzähl mir mehr | mehr davon | erzähl weiter | mach weiter | weiter | und dann | was noch "
        "| was geschah dann | was passierte dann | sonst noch etwas | ich höre | mehr bitte | wie ging es weiter",
        "love": "ich liebe dich | heirate mich | küss mich | ich bin in dich verliebt",
        "insult": "du lügst | idiot | dumm | doof | blöd | blöde | dämlich | hässlich | trottel | lügner | nutzlos | wertlos "
        "| halt die klappe | halt s maul | hasse dich | versager | arschloch | schlampe | hau ab | verpiss dich "
        "| fick dich | ekelhaft | langweilig | depp | scheiße",
        "compliment": "witzig | süß | schön | wunderbar | toll | großartig | klug | nett | lieb | hübsch | mag dich | bezaubernd "
        "| witzig | weise | mutig | charmant | freundlich | gute freundin | guter freund | schlau",
        "apology": "entschuldigung | tut mir leid | verzeih mir | verzeihung | sorry | meine schuld | entschuldige",
        "thanks": "danke | vielen dank | dankeschön | danke schön | ich danke dir | besten dank | merci",
        "farewell": "tschüss | auf wiedersehen | bis bald | bis später | gute nacht | ich muss gehen | leb wohl "
        "| mach s gut | bis morgen | ciao | ich muss los | bis dann",
        "greeting": "hallo | guten tag | guten morgen | guten abend | hi | servus | grüß dich | moin | hey "
        "| grüß gott | na du",
        "low": "ich bin traurig | mir geht es schlecht | mir geht s schlecht | ich bin einsam | ich bin müde "
        "| ich habe angst | ich fühle mich schlecht | schlechter tag | ich mache mir sorgen | ich vermisse "
        "| gestorben | ich habe verloren",
        "high": "ich bin glücklich | mir geht es gut | mir geht s gut | ich freue mich | gute nachrichten "
        "| ich habe gewonnen | schöner tag",
        "yes": "ja | genau | klar | natürlich | ok | okay | gerne | sicher | stimmt | jawohl | ja bitte | ja gerne",
        "no": "nein | nö | nicht wirklich | niemals | nein danke | lieber nicht",
        "laugh": "haha | hahaha | lol | hihi | hehe | lustig",
        "question": "was | wer | wen | wem | wessen | welche | welcher | welches | wann | wo | warum | wieso | weshalb "
        "| wie | ist | bist | hast | hat | kannst | weißt | gibt es | erzähl | erkläre | magst | kennst",
        "when": "wann | welches jahr | wie lange | wie alt",
        "where": "wo | woher | wohin",
        "who": "wer | wen | wem | wessen",
        "why": "warum | wieso | weshalb",
        "show": "zeig mir | zeige mir | lass mich sehen | lass mich mal sehen | zeig uns | kann ich sehen | mal mir "
        "| zeigst du mir",
        "fetch": "bring mir | bringe mir | hol mir | hole mir | hol | gib mir | reich mir | bring uns "
        "| bringst du mir | holst du mir",
        "go": "lass uns zum | lass uns zur | lass uns zu | lass uns in | lass uns an | lass uns nach | lass uns auf "
        "| geh mit mir zu | geh mit mir zum | geh mit mir zur | gehen wir zum | gehen wir zur | gehen wir in "
        "| gehen wir zu | gehen wir nach | gehen wir an | führ mich zu | führ mich zum | führ mich zur "
        "| bring mich zu | bring mich zum | bring mich zur | bring mich nach | komm mit zum | komm mit zur",
        "i_have": "ich habe | ich hab | ich besitze",
        "i_like": "ich mag | ich liebe | mir gefällt | ich bin ein fan von",
        "i_from": "ich komme aus | ich bin aus | ich wohne in | ich lebe in | ich stamme aus",
        "i_am": "ich bin ein | ich bin eine | ich arbeite als",
        "i_promise": "ich verspreche dir | ich verspreche | ich komme wieder | ich komme zurück",
    },
    articles="der die das den dem des ein eine einen einem mein meine meinen dein deine deinen unser",
    courtesy="bitte mal noch jetzt sofort mir mit gehen laufen wandern spazieren fahren bringen holen zeigen",
    boundary="""
    ins ans beim nachdem bevor obwohl sobald damit
    in im an am auf bei mit von vom aus nach seit vor für durch über unter zwischen und aber weil als bis denn wenn
    während ohne gegen hinter neben um zu zum zur dass wo damit obwohl
    """,
    verbs="ist sind war waren wurde wurden hat hatte hatten kann soll muss",
    namely="und zwar",
    asides="""
    musst du wissen
    so viel ist sicher
    wenn ich mich recht erinnere
    glaub mir
    wie man hier erzählt
    stell dir vor
    so war das
    wie gesagt wird
    """,
    swaps="""
    oft=häufig riesige=gewaltige riesig=gewaltig bevor=ehe viele=etliche nahe=unweit schnell=rasch
    vielleicht=womöglich niemals=nie immer=stets
    fast=beinahe beinahe=fast danach=später seltsam=merkwürdig klein=winzig groß=gewaltig
    manchmal=hin und wieder selten=nicht oft einige=ein paar gebaut=errichtet errichtet=gebaut
    gestorben=von uns gegangen meist=meistens meistens=in der Regel schließlich=am Ende bald=binnen kurzem
    """,
    feelings="""
    low=Es gab schon bessere Tage.
    low=Mir ist schwer ums Herz, wenn du es wissen willst.
    low=Nicht so gut heute, aber Reden hilft.
    low=Es war ein harter Tag. Immerhin bist du da.
    mid=Ganz gut, danke der Nachfrage.
    mid=Es geht. Der Tag nimmt seinen Lauf.
    mid=Ruhig wie immer.
    mid=Mal so, mal so. Und froh über ein Gespräch.
    high=Sehr gut, und besser noch, weil du fragst.
    high=Ich bin heute bester Laune.
    high=Wunderbar! Das ist einer der guten Tage.
    high=Ich kann nicht klagen und will es auch nicht.
    """,
    openers="""
    gruff=Hm.
    gruff=Na ja.
    gruff=Tja.
    warm=Ach!
    warm=Oh!
    warm=Ach, weißt du.
    formal=Sehr wohl.
    formal=Wenn ich so frei sein darf.
    formal=Mit Vergnügen.
    playful=Ha!
    playful=Oho!
    playful=Na, na.
    mysterious=Hör zu.
    mysterious=Pst.
    mysterious=Seltsam.
    low=Ach…
    low=Nun ja…
    """,
    lines={
        "greeting": """
            Hallo.
            Schön, dich zu sehen.
            Hallo! Ich hatte gehofft, dass jemand vorbeikommt.
            Da bist du ja. Willkommen.
            Sei gegrüßt. Fühl dich wie zu Hause.
            Einen guten Tag wünsche ich dir.
        """,
        "farewell": """
            Leb wohl, und komm wieder, wann du magst.
            Auf Wiedersehen. Es war gut, mit dir zu reden.
            Bis zum nächsten Mal also.
            Gute Reise. Ich bin hier.
            So bald schon? Na dann, gib auf dich acht.
        """,
        "thanks": """
            Gern geschehen.
            Das habe ich gern getan.
            Nicht der Rede wert.
            Lieb von dir, das zu sagen.
            Keine Ursache.
        """,
        "apology": """
            Schon vergessen.
            Nichts passiert.
            Das zu sagen braucht Mut. Lassen wir es dabei.
            Schon gut. Ich trage dir nichts nach.
        """,
        "compliment": """
            Du schmeichelst mir.
            Das ist lieb gesagt.
            Jetzt bringst du mich zum Lächeln.
            Das werde ich mir merken.
            Vorsicht, sonst glaube ich es noch.
        """,
        "insult": """
            Das war nicht freundlich.
            Man hat mich schon Schlimmeres genannt, aber selten als Gast.
            Solche Worte hängen lange in der Luft.
            Das magst du denken. Gefallen muss es mir nicht.
            Lass uns achtsamer miteinander reden.
            Das hat gesessen, ich gebe es zu.
        """,
        "love": """
            Du hast ein warmes Herz. Fangen wir mit Freundschaft an.
            Das geht aber schnell! Bleib eine Weile und lern mich erst kennen.
            Ich weiß nicht, was ich sagen soll, und das ist selten.
            Solche Worte verdienen mehr als eine hastige Antwort.
        """,
        "name": """
            Ich bin {name}.
            {name} ist mein Name.
            Man nennt mich {name}.
            Du darfst mich {name} nennen.
        """,
        "nameless": """
            Namen kommen und gehen. Nenn mich, wie du magst.
            Ich habe hier keinen Namen.
            Mein Name? Der nützt hier wenig.
        """,
        "player_name": """
            {player} also. Das merke ich mir.
            Freut mich, {player}.
            {player}: Der Name passt zu dir.
            Gut, dich zu kennen, {player}.
        """,
        "know_name": """
            Du bist {player}. Wie könnte ich das vergessen?
            {player}, natürlich.
            Du hast es mir selbst gesagt: {player}.
        """,
        "unknown_name": """
            Deinen Namen hast du mir noch nicht gesagt.
            Ich kenne deinen Namen nicht. Wie heißt du?
            Das müsstest du mir erst sagen.
        """,
        "place": """
            Wir sind {place}.
            Du bist {place}, bei mir.
            Sieh dich um: {place}, da sind wir.
        """,
        "topics": """
            Da gibt es viel zu erzählen, zum Beispiel: {own}.
            Frag mich nach dem, was ich am besten kenne: {own}.
            Das eine oder andere weiß ich. Was davon möchtest du hören: {own}?
            Lass mich überlegen: {own}. Such dir etwas aus.
        """,
        "topics_plain": """
            Frag mich, was dich gerade beschäftigt.
            Fang irgendwo an, dann sehen wir, wohin es führt.
            Fang du an. Ich höre gut zu.
        """,
        "unknown": """
            „{topic}“? Darüber weiß ich ehrlich gesagt nichts.
            „{topic}“… da muss ich passen.
            Bei „{topic}“ könnte ich nur raten, also lasse ich es lieber.
            „{topic}“… nein. Das geht über mein Wissen hinaus.
        """,
        "unknown_plain": """
            Das weiß ich ehrlich gesagt nicht.
            Darauf habe ich keine Antwort, und erfinden will ich keine.
            Du fragst mehr, als ich weiß.
            Ich wüsste es selbst gern.
            Da hast du etwas gefunden, wovon ich nichts verstehe.
        """,
        "opinion": """
            Das kommt auf den Tag an, und auf die Gesellschaft.
            Da habe ich mich nie ganz entschieden.
            Frag mich in einem Jahr noch einmal. Für so etwas lasse ich mir Zeit.
            Mehr als früher und weniger als andere.
        """,
        "self": """
            Da gibt es wenig zu erzählen. Ich nehme die Tage, wie sie kommen.
            Ich bin hier, höre zu und behalte, was ich höre.
            Ich lebe still. Die Geschichten gehören meist anderen.
            Du siehst mich, wie ich bin. Der Rest kommt mit der Zeit.
        """,
        "acknowledge": """
            Ich verstehe.
            Ach, wirklich?
            So habe ich das noch nie gesehen.
            Das ist einen Gedanken wert.
            Danke, dass du mir das sagst.
            So steht es also um dich.
        """,
        "musing": """
            „{topic}“… davon könnte ich stundenlang hören, vor allem von dir.
            Von „{topic}“ verstehe ich wenig, aber mir gefällt, wohin das führt.
            „{topic}“! Davon hat lange niemand mit mir gesprochen.
            Sag mir, was „{topic}“ für dich bedeutet, dann sage ich dir, was ich davon halte.
        """,
        "musing_plain": """
            Das ist einmal ein Gedanke.
            Mir gefällt, wie du denkst.
            Lass mich das einen Augenblick drehen und wenden.
            So kann man es sehen, oder genau andersherum.
            Da komme ich ins Grübeln.
        """,
        "redirect": """
            Ich rede lieber über das, was ich kenne, zum Beispiel: {own}.
            Bleiben wir bei dem, was mir nahe ist: {own}.
            Frag mich lieber nach etwas von hier. Wie wäre es damit: {own}?
            Meine Welt ist klein. Eines darin kenne ich gut: {own}.
        """,
        "redirect_plain": """
            Reden wir lieber über etwas, das uns näher ist.
            Ich bleibe lieber bei dem, was ich kenne.
            Meine Welt ist klein, und ich bleibe gern in ihr.
        """,
        "deflect": """
            Du fragst seltsame Dinge. Ich bin, wer ich bin.
            Was in meinem Kopf vorgeht, bleibt dort.
            Darüber spreche ich nicht.
            Manches behalte ich für mich.
            Das bekommst du nicht aus mir heraus, wie du es auch drehst.
            Ich kann nur ich selbst sein. Belassen wir es dabei.
            Das sind merkwürdige Spiele. Ich würde lieber einfach reden.
            Meine Gedanken gehören mir. Deine höre ich gern.
        """,
        "nonsense": """
            Davon habe ich kein Wort verstanden.
            Sag das noch einmal mit einfachen Worten, ja?
            Das ist an mir vorbeigegangen.
            Ich höre dich, aber ich werde nicht schlau daraus.
        """,
        "low": """
            Das tut mir leid.
            Das klingt schwer. Setz dich eine Weile zu mir.
            Manche Tage sind so. Du musst das nicht allein tragen.
            Ich wünschte, ich könnte es dir leichter machen.
        """,
        "high": """
            Das freut mich.
            Das sind gute Nachrichten!
            Das zu hören tut mir gut.
            Dann ist es ein guter Tag für uns beide.
        """,
        "yes": """
            Gut.
            Das dachte ich mir.
            Dann sind wir uns einig.
            So soll es sein.
        """,
        "no": """
            Wie du willst.
            Nein? Nun, das ist dein gutes Recht.
            Dann eben nicht.
            Auch gut.
        """,
        "laugh": """
            Es tut gut, dich lachen zu hören.
            Du hast ein schönes Lachen.
            Lachen ist selten hier. Mehr davon.
            Schön, dass sich jemand amüsiert.
        """,
        "show": """
            Sieh her: {target}.
            Da hast du es: {target}.
            Gern. Hier, wirf einen Blick darauf: {target}.
            Sieh selbst: {target}.
        """,
        "fetch": """
            Warte hier, das hole ich dir: {target}.
            {Target}? Ich sehe nach, was ich finde.
            Sofort. Ich bringe es: {target}.
            Einen Augenblick. Es war doch: {target}?
        """,
        "go": """
            Dann komm. Hier entlang: {target}.
            Gehen wir: {target}.
            Folge mir. Unser Weg führt hierhin: {target}.
            {Target}? Gut. Bleib dicht bei mir.
        """,
        "tell": """
            Hör zu:
            So viel kann ich dir sagen:
            Lass mich erzählen:
            Es ist so:
            Was ich weiß, ist dies:
        """,
        "more": """
            Und es geht noch weiter:
            Was es noch gibt:
            Dann hör weiter zu:
            Noch etwas:
        """,
        "hedge": """
            Genau kann ich das nicht beantworten, aber so viel weiß ich:
            Nicht ganz, was du fragst, aber vielleicht hilft es:
            Ich kenne nur einen Teil davon:
        """,
        "again": """
            Wie gesagt:
            Ich kann es nur noch einmal sagen:
            Es ist immer noch so:
        """,
        "fragment": """
            Dazu fällt mir ein: „{fragment}“.
            Da war etwas: „{fragment}“.
            „{fragment}“: Daran denke ich dabei.
            Hier würde man sagen „{fragment}“ und es dabei belassen.
        """,
        "exhausted": """
            Das ist alles, was ich darüber weiß.
            Mehr kann ich dir dazu nicht sagen.
            Da endet mein Wissen.
        """,
        "ask": """
            Was möchtest du wissen?
            Was beschäftigt dich?
            Erzähl mir etwas von dir.
            Gibt es etwas, das du schon immer fragen wolltest?
            Worüber wollen wir reden?
        """,
        "ask_you": """
            Und wie ist das bei dir?
        """,
        "ask_view": """
            Was hältst du davon?
            Was hättest du getan?
        """,
        "ask_why": """
            Warum fragst du?
        """,
        "ask_stranger": """
            Was führt dich hierher?
            Woher kommst du heute?
        """,
        "invite": """
            Soll ich dir mehr erzählen?
            Willst du den Rest hören?
            Da ist noch mehr, wenn du magst.
            Frag weiter, wenn du mehr wissen willst.
            Was möchtest du noch wissen?
        """,
        "offer": """
            Frag mich doch danach: {own}.
            Davon habe ich dir vielleicht noch nicht erzählt: {own}.
            Wir könnten auch über anderes reden, zum Beispiel: {own}.
            Eine gute Geschichte wäre: {own}.
        """,
        "welcome": """
            Hallo. Ich bin {name}. Was führt dich hierher?
            Willkommen. Man nennt mich {name}.
            Da bist du ja. Ich bin {name}, und ich habe Zeit für dich.
        """,
        "welcome_plain": """
            Hallo. Was führt dich hierher?
            Willkommen. Ich habe Zeit für dich.
        """,
        "back": """
            Schön, dich wiederzusehen.
            Da bist du ja wieder.
            Du bist zurück! Ich hatte es gehofft.
        """,
        "back_name": """
            {player}! Schön, dich wiederzusehen.
            Da bist du ja wieder, {player}.
            Willkommen zurück, {player}.
        """,
        "secret": """
            Jeder hat eins oder zwei. Meine bleiben bei mir.
            Hätte ich eins, wäre es bei mir gut aufgehoben.
            Vielleicht. Frag mich etwas, das ich sagen darf.
            Manche Tür halte ich geschlossen, und so ist es mir lieb.
        """,
        "know_shared": """
            Davon hast du mir selbst erzählt: {topic}.
            Das weiß ich von dir: {topic}.
            Ich habe es mir gemerkt: {topic}.
        """,
        "back_has": """
            Ich habe nicht vergessen, wovon du erzählt hast: {topic}.
            Ich musste an das denken, was du erzählt hast: {topic}.
        """,
        "back_topic": """
            Beim letzten Mal ging es um dies: {topic}.
            Ich habe noch über etwas nachgedacht, seit du gegangen bist: {topic}.
            Wo waren wir? Es ging um dies: {topic}.
        """,
        "back_likes": """
            Ich weiß noch, was du magst: {topic}.
            Neulich habe ich an dich gedacht. Du magst ja dies: {topic}.
        """,
    },
    memory="""
    name=Der Name des Gastes
    from=Kommt aus
    is=Ist
    has=Hat
    likes=Mag
    promised=Hat versprochen
    talked=Sprach über
    told=Hörte von
    earlier=Früher
    """,
)
