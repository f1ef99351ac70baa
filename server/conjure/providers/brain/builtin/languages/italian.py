"""Italian, as it is heard and spoken."""

from conjure.providers.brain.builtin.language import Language

ITALIAN = Language(
    code="it",
    function="""
    il lo la i gli le l un uno una e ed o ma se allora di del dello della dei degli delle d a al allo alla ai alle da dal
    dalla in nel nella nei nelle con su sul sulla per tra fra senza è sono sei siamo siete era eri erano sta sto stai stanno
    c ci ha ho hai hanno aveva io me mi mio mia miei mie tu te ti tuo tua tuoi tue lui lei noi nostro voi vostro loro suo
    sua si questo questa questi queste quello quella quest qui qua lì là che chi cosa cos quale quali quando dove perché
    come non no sì molto anche solo mentre più
    ciao grazie buongiorno buonasera puoi può vuoi voglio
    """,
    stop="""
    di dimmi dire racconta raccontami raccontare parla parlami parlare sai sapere so conosci pensi credi vorrei piace
    davvero bene molti tutto tutti tutta cose fare fa fai andare va vai vieni spiega descrivi sempre mai ancora adesso ora
    oggi forse favore domanda risposta sentire storia poco qualcuno niente qualcosa successo accaduto succede
    """,
    you="tu te ti tuo tua tuoi tue lei voi vostro",
    negation="non mai",
    cues={
        "my_name": "mi chiamo | il mio nome è | chiamami | puoi chiamarmi",
        "ask_my_name": "come mi chiamo | qual è il mio nome | sai il mio nome | chi sono | ti ricordi di me "
        "| sai chi sono | sai come mi chiamo",
        "ask_name": "come ti chiami | qual è il tuo nome | il tuo nome | chi sei | come si chiama lei | presentati",
        "ask_self": "parlami di te | raccontami di te | cosa fai | che lavoro fai | la tua vita | che cosa fai",
        "ask_feel": "come stai | come va | come ti senti | stai bene | sei felice | sei triste | come sta | tutto bene "
        "| che succede | cosa c è che non va",
        "ask_opinion": "ti piace | ti piacciono | cosa pensi di | cosa pensi del | cosa ne pensi | che ne pensi | credi in "
        "| la tua opinione | vuoi | ami | odi | di cosa hai paura | di che cosa hai paura | hai paura",
        "ask_secret": "hai un segreto | hai qualche segreto | hai segreti | hai dei segreti | dimmi un segreto "
        "| raccontami un segreto | qual è il tuo segreto | cosa nascondi | che cosa nascondi "
        "| nascondi qualcosa",
        "ask_age": "quanti anni hai | quando sei nato | quando sei nata | la tua età | il tuo compleanno",
        "ask_place": "dove siamo | dove sono | che posto è questo | cos è questo posto | dove sei | dove vivi | dove abiti",
        "ask_topics": "di cosa possiamo parlare | cosa sai | cosa puoi raccontarmi | cosa posso chiedere | aiuto "
        "| raccontami una storia | raccontami qualcosa | di cosa vuoi parlare | aiutami | che cosa sai",
        "ask_back": "e tu | e lei",
        "more": "davvero | sul serio | è vero | dimmi di più | raccontami di più | continua | vai avanti | e poi | e dopo | cos altro | che altro "
        "| cosa è successo dopo | ti ascolto | ancora per favore | e allora",
        "love": "ti amo | ti voglio bene | sposami | baciami | sono innamorato di te | sono innamorata di te",
        "insult": "menti | idiota | stupido | stupida | scemo | scema | brutto | brutta | imbecille | cretino | cretina | bugiardo "
        "| bugiarda | inutile | stai zitto | stai zitta | zitto | ti odio | perdente | stronzo | stronza | puttana "
        "| vattene | vaffanculo | fai schifo | noioso | noiosa | merda",
        "compliment": "divertente | bello | bella | meraviglioso | meravigliosa | fantastico | fantastica | intelligente | gentile "
        "| simpatico | simpatica | dolce | mi piaci | affascinante | saggio | saggia | coraggioso | coraggiosa "
        "| bravo | brava | carino | carina",
        "apology": "scusa | scusami | mi dispiace | perdonami | perdono | colpa mia | mi scusi",
        "thanks": "grazie | grazie mille | ti ringrazio | molte grazie",
        "farewell": "arrivederci | addio | a presto | a dopo | a domani | buonanotte | buona notte | devo andare | ci vediamo",
        "greeting": "ciao | buongiorno | buonasera | salve | buon giorno | buona sera | ehi",
        "low": "sono triste | mi sento solo | mi sento sola | sto male | sono stanco | sono stanca | ho paura "
        "| brutta giornata | sono preoccupato | sono preoccupata | è morto | è morta | ho perso | mi manca",
        "high": "sono felice | sto bene | sono contento | sono contenta | buone notizie | ho vinto | bella giornata",
        "yes": "sì | certo | va bene | ok | d accordo | esatto | sì grazie | volentieri | sicuro",
        "no": "no | no grazie | non proprio | per niente",
        "laugh": "haha | ahah | ahahah | ahaha | lol",
        "question": "che | chi | cosa | cos | quale | quali | quando | dove | dov | perché | come | quanto | quanti | spiega "
        "| dimmi | parlami | raccontami",
        "when": "quando | che anno | quanti anni | da quanto",
        "where": "dove | dov",
        "who": "chi",
        "why": "perché",
        "show": "mostrami | fammi vedere | fammi un disegno | disegnami | posso vedere | voglio vedere | mostraci",
        "fetch": "portami il | portami la | portami un | portami una | portami lo | portami i | portami le | dammi "
        "| passami | prendimi | vai a prendere | mi porti",
        "go": "andiamo a | andiamo al | andiamo alla | andiamo in | andiamo nel | andiamo nella | andiamo verso "
        "| andiamo sul | andiamo sulla | portami a | portami al | portami alla | portami in | portami nel "
        "| portami nella | accompagnami al | accompagnami alla | vieni con me al | vieni con me alla",
        "i_have": "ho | possiedo",
        "i_like": "mi piace | mi piacciono | amo | adoro",
        "i_from": "vengo da | vivo a | abito a | vengo dal | vengo dalla | vivo in",
        "i_am": "sono un | sono una | lavoro come | faccio il | faccio la",
        "i_promise": "ti prometto di | ti prometto che | prometto di | prometto | tornerò",
    },
    articles="il lo la i gli le l un uno una mio mia tuo tua nostro questo questa quello quella",
    courtesy="per favore adesso ora ancora con me",
    boundary="""
    sui sugli sulle nello negli dai dagli dalle agli alle ai allo
    in nel nella nei nelle con su sul sulla per tra fra senza da dal dalla e ma che chi dove quando perché mentre prima
    dopo durante verso contro sotto dietro vicino come a al alla
    """,
    verbs="è sono era erano fu furono sta stava ha aveva può deve",
    namely="e questo",
    asides="""
    sai
    a quanto si racconta qui
    se ricordo bene
    credimi
    pensa un po'
    questo è certo
    andò così
    come si suol dire
    """,
    swaps="""
    perché=poiché ma=però grande=enorme piccolo=minuscolo piccola=minuscola sempre=di continuo molti=non pochi
    vicino=non lontano forse=magari costruito=edificato costruì=edificò quasi=pressoché talvolta=di tanto in tanto
    strano=bizzarro morì=scomparve infine=alla fine presto=tra poco spesso=molte volte
    """,
    feelings="""
    low=Ho visto giorni migliori.
    low=Ho il cuore pesante, se vuoi la verità.
    low=Oggi non tanto bene, ma parlare aiuta.
    low=È stata una giornata dura. Almeno ci sei tu.
    mid=Abbastanza bene, grazie di averlo chiesto.
    mid=Si va avanti. Il giorno fa il suo corso.
    mid=Con calma, come sempre.
    mid=Così così. E due chiacchiere fanno piacere.
    high=Molto bene, e ancora meglio perché lo chiedi.
    high=Oggi sono di ottimo umore.
    high=A meraviglia! È uno dei giorni buoni.
    high=Non posso lamentarmi, e non ne ho voglia.
    """,
    openers="""
    gruff=Mah.
    gruff=Bene.
    gruff=Boh.
    warm=Ah!
    warm=Oh!
    warm=Sai com'è.
    formal=Molto bene.
    formal=Se mi è permesso.
    formal=Con piacere.
    playful=Ah!
    playful=Oh, oh!
    playful=Ma guarda.
    mysterious=Ascolta.
    mysterious=Silenzio.
    mysterious=Strano.
    low=Eh…
    low=Insomma…
    """,
    lines={
        "greeting": """
            Ciao.
            Che piacere vederti.
            Ciao! Speravo che passasse qualcuno.
            Eccoti. Mettiti a tuo agio.
            Salve. Fai come a casa tua.
            Ti auguro una buona giornata.
        """,
        "farewell": """
            Addio, e torna quando vuoi.
            Arrivederci. È stato bello parlare con te.
            Alla prossima, allora.
            Buon viaggio. Io resto qui.
            Così presto? Allora abbi cura di te.
        """,
        "thanks": """
            Prego.
            L'ho fatto volentieri.
            Non c'è di che.
            È gentile da parte tua.
            Figurati.
        """,
        "apology": """
            È già dimenticato.
            Non è successo niente.
            Ci vuole coraggio per dirlo. Lasciamola lì.
            Va bene. Non ti porto rancore.
        """,
        "compliment": """
            Mi lusinghi.
            È gentile quello che dici.
            Adesso mi fai sorridere.
            Terrò care queste parole.
            Attenzione, finirò per crederci.
        """,
        "insult": """
            Questo non è stato gentile.
            Mi hanno detto di peggio, ma di rado un ospite.
            Parole così restano a lungo nell'aria.
            Puoi pensarlo. Non deve piacermi per forza.
            Parliamoci con più riguardo.
            Questa mi ha fatto male, lo ammetto.
        """,
        "love": """
            Hai un cuore caldo. Cominciamo dall'amicizia.
            Che fretta! Resta un po' e impara prima a conoscermi.
            Non so cosa dire, ed è raro.
            Parole così meritano più di una risposta frettolosa.
        """,
        "name": """
            Sono {name}.
            {name} è il mio nome.
            Mi chiamano {name}.
            Puoi chiamarmi {name}.
        """,
        "nameless": """
            I nomi vanno e vengono. Chiamami come vuoi.
            Qui non ho un nome.
            Il mio nome? Serve a poco da queste parti.
        """,
        "player_name": """
            {player}, dunque. Me lo ricorderò.
            Piacere, {player}.
            {player}: è un nome che ti sta bene.
            È bello conoscerti, {player}.
        """,
        "know_name": """
            Sei {player}. Come potrei dimenticarlo?
            {player}, naturalmente.
            Me l'hai detto tu: {player}.
        """,
        "unknown_name": """
            Non mi hai ancora detto il tuo nome.
            Non conosco il tuo nome. Qual è?
            Questo dovresti prima dirmelo tu.
        """,
        "place": """
            Siamo {place}.
            Sei {place}, con me.
            Guardati intorno: {place}, ecco dove siamo.
        """,
        "topics": """
            Ci sarebbe molto da raccontare, per esempio: {own}.
            Chiedimi di quello che conosco meglio: {own}.
            Qualcosa so. Che cosa vorresti sentire: {own}?
            Fammi pensare: {own}. Scegli.
        """,
        "topics_plain": """
            Chiedimi quello che ti passa per la testa.
            Comincia da dove vuoi, vedremo dove si arriva.
            Comincia tu. So ascoltare.
        """,
        "unknown": """
            «{topic}»? A dire il vero non ne so niente.
            «{topic}»… qui mi arrendo: non lo so.
            Di «{topic}» potrei solo tirare a indovinare, quindi è meglio che taccia.
            «{topic}»… no. Questo va oltre quello che so.
        """,
        "unknown_plain": """
            A dire il vero non lo so.
            Non ho una risposta, e non ne inventerò una.
            Chiedi più di quanto io sappia.
            Vorrei saperlo. Non lo so.
            Hai trovato una cosa di cui non so niente.
        """,
        "opinion": """
            Dipende dal giorno, e dalla compagnia.
            Non ho mai deciso del tutto.
            Chiedimelo di nuovo tra un anno. Per queste cose mi prendo il mio tempo.
            Più di una volta, e meno di altri.
        """,
        "self": """
            C'è poco da raccontare. Prendo i giorni come vengono.
            Sono qui, ascolto, e tengo per me quello che sento.
            Vivo in silenzio. Le storie sono per lo più di altri.
            Mi vedi come sono. Il resto viene con il tempo.
        """,
        "acknowledge": """
            Capisco.
            Ah sì, davvero?
            Non l'avevo mai vista così.
            Questo merita un pensiero.
            Grazie di avermelo detto.
            Ecco dunque come stai.
        """,
        "musing": """
            «{topic}»… potrei parlarne per ore, soprattutto ascoltando te.
            So poco di «{topic}», ma mi piace dove si va a parare.
            «{topic}»! Da molto nessuno me ne parlava.
            Dimmi che cosa significa «{topic}» per te, e ti dirò che cosa ne penso.
        """,
        "musing_plain": """
            Questa sì che è un'idea.
            Mi piace il tuo modo di pensare.
            Lasciami riflettere un momento.
            Si può vedere così, o proprio al contrario.
            Questo mi fa pensare.
        """,
        "redirect": """
            Preferisco parlare di quello che conosco, per esempio: {own}.
            Restiamo su quello che mi è vicino: {own}.
            Chiedimi piuttosto qualcosa di qui. Che ne dici di questo: {own}?
            Il mio mondo è piccolo. C'è una cosa che conosco bene: {own}.
        """,
        "redirect_plain": """
            Parliamo piuttosto di qualcosa di più vicino.
            Preferisco restare su quello che conosco.
            Il mio mondo è piccolo, e mi piace restarci.
        """,
        "deflect": """
            Chiedi cose strane. Sono chi sono.
            Quello che passa per la mia testa resta lì.
            Di questo non parlo.
            Certe cose le tengo per me.
            Questo non me lo farai dire, comunque la giri.
            So essere soltanto me. Lasciamo stare.
            Che giochi strani. Preferirei parlare e basta.
            I miei pensieri sono miei. I tuoi li ascolto volentieri.
        """,
        "nonsense": """
            Non ho capito una parola.
            Dillo di nuovo con parole semplici, ti va?
            Questa mi è sfuggita.
            Ti sento, ma non riesco a capire.
        """,
        "low": """
            Mi dispiace sentirlo.
            Dev'essere pesante. Siediti un po' con me.
            Ci sono giorni così. Non devi portarli senza aiuto.
            Vorrei poterti alleggerire il peso.
        """,
        "high": """
            Mi fa piacere.
            Queste sono buone notizie!
            Mi fa bene sentirlo.
            Allora è un buon giorno per tutti e due.
        """,
        "yes": """
            Bene.
            Lo immaginavo.
            Allora siamo d'accordo.
            E così sia.
        """,
        "no": """
            Come vuoi.
            No? È un tuo diritto.
            Allora no.
            Va bene lo stesso.
        """,
        "laugh": """
            Fa bene sentirti ridere.
            Hai una bella risata.
            Qui si ride di rado. Ancora.
            Almeno qualcuno si diverte.
        """,
        "show": """
            Guarda: {target}.
            Ecco qui: {target}.
            Volentieri. Dai un'occhiata: {target}.
            Vedi con i tuoi occhi: {target}.
        """,
        "fetch": """
            Aspetta qui, vado a prendere quello che chiedi: {target}.
            {Target}? Vedo che cosa trovo.
            Subito. Ecco che cosa porto: {target}.
            Un momento. Era questo, vero? {Target}.
        """,
        "go": """
            Vieni, allora. Di qua: {target}.
            Andiamo: {target}.
            Seguimi. La nostra strada porta qui: {target}.
            {Target}? Bene. Stammi vicino.
        """,
        "tell": """
            Ascolta:
            Questo te lo posso dire:
            Lascia che ti racconti:
            È così:
            Quello che so è questo:
        """,
        "more": """
            E c'è dell'altro:
            Quello che resta da dire:
            Allora ascolta ancora:
            Un'altra cosa:
        """,
        "hedge": """
            Con esattezza non so rispondere, ma questo lo so:
            Non è proprio quello che chiedi, ma forse aiuta:
            Ne conosco solo una parte:
        """,
        "again": """
            Come ti dicevo:
            Posso solo ripeterlo:
            È sempre così:
        """,
        "fragment": """
            Ecco che cosa mi viene in mente: «{fragment}».
            Ricordo qualcosa: «{fragment}».
            «{fragment}»: è a questo che penso.
            Qui direbbero «{fragment}», e basta.
        """,
        "exhausted": """
            È tutto quello che ne so.
            Di più non posso dirti.
            Qui finisce quello che so.
        """,
        "ask": """
            Che cosa vorresti sapere?
            Che cosa hai in mente?
            Raccontami qualcosa di te.
            C'è qualcosa che hai sempre voluto chiedere?
            Di che cosa parliamo?
        """,
        "ask_you": """
            E per te com'è?
        """,
        "ask_view": """
            Che cosa ne pensi?
            Tu che cosa avresti fatto?
        """,
        "ask_why": """
            Perché lo chiedi?
        """,
        "ask_stranger": """
            Che cosa ti porta qui?
            Da dove vieni oggi?
        """,
        "invite": """
            Vuoi che ti racconti di più?
            Vuoi sentire il resto?
            C'è dell'altro, se ti va.
            Chiedi ancora, se vuoi saperne di più.
            Che cos'altro vorresti sapere?
        """,
        "offer": """
            Chiedimi di questo, se vuoi: {own}.
            Forse non ti ho ancora parlato di questo: {own}.
            Potremmo anche parlare d'altro: {own}, per esempio.
            Questa sarebbe una bella storia: {own}.
        """,
        "welcome": """
            Ciao. Sono {name}. Che cosa ti porta qui?
            Che bello che tu venga. Mi chiamano {name}.
            Eccoti. Sono {name}, e ho tempo per te.
        """,
        "welcome_plain": """
            Ciao. Che cosa ti porta qui?
            Che bello che tu venga. Ho tempo per te.
        """,
        "back": """
            Che piacere rivederti.
            Eccoti di nuovo.
            Sei qui di nuovo! Lo speravo.
        """,
        "back_name": """
            {player}! Che piacere rivederti.
            Eccoti di nuovo, {player}.
            Di nuovo qui, {player}! Che gioia.
        """,
        "secret": """
            Tutti ne hanno uno o due. I miei restano con me.
            Se ne avessi uno, sarebbe in buone mani.
            Forse. Chiedimi qualcosa che posso dire.
            Certe porte le tengo chiuse, e mi va bene così.
        """,
        "know_shared": """
            Me ne hai parlato tu: {topic}.
            Questo lo so da te: {topic}.
            Me lo ricordo bene: {topic}.
        """,
        "back_has": """
            Non ho dimenticato quello che mi hai raccontato: {topic}.
            Ho ripensato a quello che mi hai raccontato: {topic}.
        """,
        "back_topic": """
            L'ultima volta parlavamo di questo: {topic}.
            Ho continuato a pensare a una cosa da quando sei via: {topic}.
            Dove eravamo? A questo: {topic}.
        """,
        "back_likes": """
            Mi ricordo che cosa ti piace: {topic}.
            L'altro giorno ti ho pensato. A te piace questo: {topic}.
        """,
    },
    memory="""
    name=Il suo nome
    from=Viene da
    is=Mestiere
    has=Ha con sé
    likes=Ama
    promised=Ha promesso
    talked=Ha parlato di
    told=Ha sentito di
    earlier=Prima
    """,
)
