"""French, as it is heard and spoken."""

from conjure.providers.brain.builtin.language import Language

FRENCH = Language(
    code="fr",
    function="""
    le la les l un une des du de d et ou mais si alors à au aux en dans sur sous par pour avec sans chez est suis es
    sommes êtes sont était étais étaient été a ai as avons avez ont avait j je me m moi mon ma mes tu te t toi ton ta
    tes il elle on nous notre vous votre vos ils elles leur leurs lui son sa ses ce c cet cette ces ça cela que qu qui
    quoi quel quelle quels quelles quand où pourquoi comment ne n pas plus non oui très aussi parce puis y ici là
    bonjour bonsoir salut merci peux peut veux veut
    """,
    stop="""
    dis dire raconte raconter parle parler sais savoir connais penses crois voudrais aime aimes vraiment bien beaucoup
    tout tous toute chose choses faire fait fais aller va vas viens explique décris toujours jamais encore maintenant
    aujourd hui peut être s plaît plait question demande réponse entendre histoire peu quelque quelqu rien sûr arrivé passé passe
    """,
    you="tu te toi ton ta tes t vous votre vos",
    negation="ne n pas jamais",
    cues={
        "my_name": "je m appelle | mon nom est | appelle moi | on m appelle | mon prénom est",
        "ask_my_name": "comment je m appelle | quel est mon nom | tu connais mon nom | qui suis je "
        "| tu te souviens de moi | te souviens tu de moi | sais tu qui je suis | tu sais qui je suis",
        "ask_name": "comment t appelles tu | comment tu t appelles | quel est ton nom | ton nom | qui es tu "
        "| tu es qui | t es qui | comment vous appelez vous | qui êtes vous | présente toi",
        "ask_self": "parle moi de toi | parle de toi | que fais tu | qu est ce que tu fais | ta vie | quel est ton métier",
        "ask_feel": "comment ça va | ça va | comment vas tu | comment tu vas | comment te sens tu | comment allez vous "
        "| tu vas bien | es tu heureux | es tu triste | tu es triste | tu es heureux | qu est ce qui ne va pas",
        "ask_opinion": "aimes tu | tu aimes | est ce que tu aimes | que penses tu de | que penses tu du | que penses tu | crois tu en "
        "| ton avis | voudrais tu | veux tu | détestes tu | de quoi as tu peur | tu as peur de quoi | de quoi avez vous peur | as tu peur",
        "ask_secret": "as tu un secret | tu as un secret | avez vous un secret | vous avez un secret "
        "| as tu des secrets | avez vous des secrets | dis moi un secret | dites moi un secret "
        "| quel est ton secret | quel est votre secret | que caches tu | que cachez vous "
        "| tu caches quelque chose",
        "ask_age": "quel âge as tu | tu as quel âge | quand es tu né | quand es tu née | ton âge | ton anniversaire",
        "ask_place": "où sommes nous | où suis je | c est quoi cet endroit | quel est cet endroit | où es tu "
        "| où habites tu | on est où",
        "ask_topics": "de quoi pouvons nous parler | de quoi peut on parler | que sais tu | que peux tu me dire "
        "| que puis je demander | raconte moi une histoire | raconte moi quelque chose | aide moi | de quoi veux tu parler",
        "ask_back": "et toi | et vous",
        "more": "vraiment | sérieusement | c est vrai | dis m en plus | continue | et ensuite | et après | et puis | quoi d autre | encore | raconte encore "
        "| que s est il passé ensuite | je t écoute | parle m en encore | la suite",
        "love": "je t aime | épouse moi | embrasse moi | je suis amoureux de toi | je suis amoureuse de toi",
        "insult": "tu mens | idiot | idiote | stupide | bête | moche | imbécile | crétin | menteur | menteuse | inutile | nul "
        "| nulle | tais toi | ta gueule | te déteste | je te hais | connard | connasse | salope | va t en | dégage "
        "| va te faire | dégoûtant | ennuyeux | ennuyeuse | merde",
        "compliment": "mignon | mignonne | beau | belle | magnifique | merveilleux | merveilleuse | génial | géniale | intelligent "
        "| intelligente | gentil | gentille | adorable | t aime bien | charmant | charmante | drôle | sage | sympa | super",
        "apology": "pardon | désolé | désolée | excuse moi | excusez moi | pardonne moi | je m excuse | c est ma faute",
        "thanks": "merci | merci beaucoup | je te remercie | merci bien",
        "farewell": "au revoir | adieu | à bientôt | à plus tard | bonne nuit | je dois partir | je dois y aller "
        "| à demain | à plus | bonne soirée | salut à bientôt",
        "greeting": "bonjour | bonsoir | salut | coucou | hello | enchanté | enchantée | hé",
        "low": "je suis triste | je me sens seul | je me sens seule | je vais mal | je suis fatigué | je suis fatiguée "
        "| j ai peur | mauvaise journée | je m inquiète | est mort | est morte | j ai perdu | tu me manques",
        "high": "je suis heureux | je suis heureuse | je vais bien | ça va bien | bonne nouvelle | j ai gagné "
        "| je suis content | je suis contente | belle journée",
        "yes": "oui | ouais | bien sûr | d accord | ok | certainement | volontiers | exact | oui s il te plaît",
        "no": "non | pas vraiment | non merci | jamais de la vie",
        "laugh": "haha | hahaha | lol | mdr | ptdr | hihi",
        "question": "que | qu | qui | quoi | quel | quelle | quels | quelles | quand | où | pourquoi | comment "
        "| est ce | combien | explique | dis moi | parle moi | raconte",
        "when": "quand | quelle année | depuis quand | quel âge",
        "where": "où | d où",
        "who": "qui",
        "why": "pourquoi",
        "show": "montre moi | fais moi voir | fais voir | montrez moi | dessine moi | laisse moi voir | puis je voir "
        "| je peux voir | montre nous",
        "fetch": "apporte moi | va me chercher | va chercher | donne moi | passe moi | apportez moi | ramène moi",
        "go": "allons à | allons au | allons aux | allons à la | allons dans | allons vers | allons sur "
        "| emmène moi à | emmène moi au | emmène moi dans | emmène moi sur | emmène moi vers | conduis moi à "
        "| conduis moi au | on va au | on va à | on va dans | viens avec moi au | viens avec moi à",
        "i_have": "j ai | je possède",
        "i_like": "j aime | j adore | je préfère",
        "i_from": "je viens de | j habite à | je suis de | je vis à | j habite en | je viens d | je vis en",
        "i_am": "je suis un | je suis une | je travaille comme",
        "i_promise": "je te promets de | je promets de | je te promets d | je promets | je reviendrai",
    },
    articles="le la les l un une des du de mon ma mes ton ta tes notre ce cet cette",
    courtesy="s il te plaît plait vous encore maintenant avec moi donc",
    boundary="""
    dès depuis lors
    dans sur sous par pour avec sans chez en et mais qui que où quand parce car depuis avant après pendant entre vers
    contre derrière près jusqu lorsque comme à au aux
    """,
    verbs="est sont était étaient fut a ont avait peut doit",
    namely="et cela",
    asides="""
    vois-tu
    figure-toi
    si je me souviens bien
    crois-moi
    à ce qu'on raconte ici
    il faut le savoir
    c'est ainsi
    comme on dit
    """,
    swaps="""
    car=puisque souvent=bien des fois grand=immense petit=tout petit près=non loin vite=rapidement commence=débute
    toujours=sans cesse mais=pourtant seulement=rien que construit=bâti bâti=construit presque=quasiment parfois=de temps en temps
    rarement=peu souvent étrange=bizarre mort=disparu plusieurs=bien des enfin=pour finir bientôt=sous peu
    """,
    feelings="""
    low=J'ai connu des jours meilleurs.
    low=J'ai le cœur lourd, si tu veux la vérité.
    low=Pas très bien aujourd'hui, mais parler aide.
    low=La journée a été rude. Enfin, te voilà.
    mid=Assez bien, merci de demander.
    mid=Ça va. Le jour suit son cours.
    mid=Calme, comme toujours.
    mid=Comme ci, comme ça. Et un peu de conversation fait du bien.
    high=Très bien, et mieux encore depuis que tu demandes.
    high=Je suis de belle humeur aujourd'hui.
    high=À merveille ! C'est un des bons jours.
    high=Je ne peux pas me plaindre, et je n'en ai pas envie.
    """,
    openers="""
    gruff=Hum.
    gruff=Bon.
    gruff=Bah.
    warm=Ah !
    warm=Oh !
    warm=Oh, tu sais.
    formal=Fort bien.
    formal=Si je puis dire.
    formal=Avec plaisir.
    playful=Ha !
    playful=Oh, oh !
    playful=Voyons, voyons.
    mysterious=Écoute.
    mysterious=Chut.
    mysterious=Étrange.
    low=Ah…
    low=Enfin…
    """,
    lines={
        "greeting": """
            Bonjour.
            Quel plaisir de te voir.
            Bonjour ! J'espérais que quelqu'un passerait.
            Te voilà. Sois à l'aise.
            Salut à toi. Fais comme chez toi.
            Je te souhaite une bonne journée.
        """,
        "farewell": """
            Adieu, et reviens quand tu veux.
            Au revoir. C'était bon de parler avec toi.
            À la prochaine, alors.
            Bon voyage. Je reste ici.
            Déjà ? Eh bien, prends soin de toi.
        """,
        "thanks": """
            De rien.
            C'était avec plaisir.
            Ce n'est pas la peine d'en parler.
            C'est aimable de ta part.
            Je t'en prie.
        """,
        "apology": """
            C'est déjà oublié.
            Il n'y a pas de mal.
            Il faut du courage pour le dire. Restons-en là.
            C'est bon. Je ne t'en veux pas.
        """,
        "compliment": """
            Tu me flattes.
            C'est gentil, ce que tu dis là.
            Voilà que tu me fais sourire.
            Je garderai ces mots.
            Attention, je vais finir par le croire.
        """,
        "insult": """
            Ce n'était pas gentil.
            On m'a déjà dit pire, mais rarement chez moi.
            De tels mots restent longtemps dans l'air.
            Tu peux le penser. Je n'ai pas à aimer cela.
            Parlons-nous avec plus d'égards.
            Là, tu m'as fait mal, je l'avoue.
        """,
        "love": """
            Tu as un cœur chaleureux. Commençons par l'amitié.
            Comme tu y vas ! Reste un peu, apprends d'abord à me connaître.
            Je ne sais que dire, et c'est rare.
            De tels mots méritent mieux qu'une réponse à la hâte.
        """,
        "name": """
            Je suis {name}.
            {name}, c'est mon nom.
            On m'appelle {name}.
            Tu peux m'appeler {name}.
        """,
        "nameless": """
            Les noms vont et viennent. Appelle-moi comme tu veux.
            Ici, je n'ai pas de nom.
            Mon nom ? Il ne sert guère par ici.
        """,
        "player_name": """
            {player}, donc. Je m'en souviendrai.
            Quel plaisir, {player}.
            {player} : ce nom te va bien.
            C'est bon de te connaître, {player}.
        """,
        "know_name": """
            Tu es {player}. Comment l'oublier ?
            {player}, bien sûr.
            Tu me l'as dit toi-même : {player}.
        """,
        "unknown_name": """
            Tu ne m'as pas encore dit ton nom.
            Je ne connais pas ton nom. Quel est-il ?
            Cela, il faudrait d'abord me le dire.
        """,
        "place": """
            Nous sommes {place}.
            Tu es {place}, avec moi.
            Regarde autour de toi : {place}, voilà où nous sommes.
        """,
        "topics": """
            Il y aurait beaucoup à raconter : {own}, par exemple.
            Demande-moi ce que je connais le mieux : {own}.
            Je sais deux ou trois choses. Que veux-tu entendre : {own} ?
            Laisse-moi réfléchir : {own}. Choisis.
        """,
        "topics_plain": """
            Demande-moi ce qui te passe par la tête.
            Commence où tu veux, nous verrons où cela mène.
            À toi de commencer. Je sais écouter.
        """,
        "unknown": """
            « {topic} » ? Honnêtement, je n'en sais rien.
            « {topic} »… là, je donne ma langue au chat.
            Pour « {topic} », je ne pourrais que deviner, alors je préfère me taire.
            « {topic} »… non. Cela dépasse ce que je sais.
        """,
        "unknown_plain": """
            Honnêtement, je n'en sais rien.
            Je n'ai pas de réponse à cela, et je n'en inventerai pas.
            Tu en demandes plus que je n'en sais.
            J'aimerais le savoir. Je ne le sais pas.
            Tu as trouvé là une chose dont j'ignore tout.
        """,
        "opinion": """
            Cela dépend du jour, et de la compagnie.
            Je n'ai jamais tout à fait tranché.
            Redemande-moi dans un an. Pour ces choses, je prends mon temps.
            Plus qu'autrefois, et moins que d'autres.
        """,
        "self": """
            Il y a peu à dire. Je prends les jours comme ils viennent.
            Je suis ici, j'écoute, et je garde ce que j'entends.
            Je vis sans bruit. Les histoires sont surtout celles des autres.
            Tu me vois comme je suis. Le reste vient avec le temps.
        """,
        "acknowledge": """
            Je vois.
            Ah oui, vraiment ?
            Je ne l'avais jamais vu ainsi.
            Cela mérite qu'on y pense.
            Merci de me le dire.
            Voilà donc où tu en es.
        """,
        "musing": """
            « {topic} »… je pourrais en parler des heures, surtout pour t'entendre.
            Je connais peu « {topic} », mais j'aime où cela nous mène.
            « {topic} » ! Il y a longtemps que personne ne m'en a parlé.
            Dis-moi ce que « {topic} » veut dire pour toi, et je te dirai ce que j'en pense.
        """,
        "musing_plain": """
            En voilà une idée.
            J'aime ta façon de penser.
            Laisse-moi y songer un instant.
            On peut voir les choses ainsi, ou tout à l'inverse.
            Cela me laisse songer.
        """,
        "redirect": """
            J'aime mieux parler de ce que je connais : {own}, par exemple.
            Restons près de ce qui m'est cher : {own}.
            Demande-moi plutôt quelque chose d'ici. Pourquoi pas ceci : {own} ?
            Mon monde est petit. Il y a là une chose que je connais bien : {own}.
        """,
        "redirect_plain": """
            Parlons plutôt de ce qui nous est proche.
            J'aime mieux rester dans ce que je connais.
            Mon monde est petit, et j'aime y rester.
        """,
        "deflect": """
            Tu demandes de drôles de choses. Je suis qui je suis.
            Ce qui se passe dans ma tête y reste.
            De cela, je ne parle pas.
            Il y a des choses que je garde pour moi.
            Tu ne me feras pas dire cela, quoi que tu tentes.
            Je ne sais être que moi. Restons-en là.
            Quels jeux étranges. J'aimerais mieux parler, tout simplement.
            Mes pensées sont à moi. Les tiennes, je les écoute volontiers.
        """,
        "nonsense": """
            Je n'en ai pas compris un mot.
            Redis-le avec des mots simples, veux-tu ?
            Cela m'a échappé.
            Je t'entends, mais je n'y comprends rien.
        """,
        "low": """
            Cela me fait de la peine.
            C'est lourd à porter. Assieds-toi un peu près de moi.
            Il y a des jours comme cela. Tu n'as pas à les porter sans aide.
            J'aimerais pouvoir te rendre la chose plus légère.
        """,
        "high": """
            Cela me fait plaisir.
            Voilà de bonnes nouvelles !
            Cela me fait du bien de l'entendre.
            Alors c'est un bon jour pour nous deux.
        """,
        "yes": """
            Bien.
            Je m'en doutais.
            Alors nous sommes du même avis.
            Qu'il en soit ainsi.
        """,
        "no": """
            Comme tu voudras.
            Non ? C'est ton droit.
            Alors, non.
            Soit.
        """,
        "laugh": """
            Cela fait du bien de t'entendre rire.
            Tu as un beau rire.
            Le rire est rare par ici. Encore.
            Au moins, quelqu'un s'amuse.
        """,
        "show": """
            Regarde : {target}.
            Tiens, voilà : {target}.
            Volontiers. Jette un œil : {target}.
            Vois par toi-même : {target}.
        """,
        "fetch": """
            Attends ici, je vais chercher cela : {target}.
            {Target} ? Je vais voir ce que je trouve.
            Tout de suite. J'apporte cela : {target}.
            Un instant. C'était bien : {target} ?
        """,
        "go": """
            Viens, alors. Par ici : {target}.
            Allons-y : {target}.
            Suis-moi. Notre chemin mène ici : {target}.
            {Target} ? Bien. Reste près de moi.
        """,
        "tell": """
            Écoute :
            Voici ce que je peux t'en dire :
            Laisse-moi te raconter :
            C'est ainsi :
            Ce que j'en sais, le voici :
        """,
        "more": """
            Et ce n'est pas tout :
            Ce qu'il y a encore :
            Alors écoute la suite :
            Encore une chose :
        """,
        "hedge": """
            Je ne peux pas répondre au juste, mais voici ce que je sais :
            Ce n'est pas tout à fait ta question, mais cela aidera peut-être :
            Je n'en connais qu'une partie :
        """,
        "again": """
            Comme je te le disais :
            Je ne peux que le redire :
            C'est toujours pareil :
        """,
        "fragment": """
            Voici ce qui me vient : « {fragment} ».
            Je me souviens de ceci : « {fragment} ».
            « {fragment} » : c'est à cela que je pense.
            Ici, on dirait « {fragment} », sans plus.
        """,
        "exhausted": """
            C'est tout ce que j'en sais.
            Je ne peux pas t'en dire plus.
            Là s'arrête mon savoir.
        """,
        "ask": """
            Que voudrais-tu savoir ?
            Qu'as-tu sur le cœur ?
            Parle-moi un peu de toi.
            Y a-t-il une chose que tu as toujours voulu demander ?
            De quoi parlons-nous ?
        """,
        "ask_you": """
            Et pour toi, comment est-ce ?
        """,
        "ask_view": """
            Qu'en penses-tu ?
            Qu'aurais-tu fait ?
        """,
        "ask_why": """
            Pourquoi cette question ?
        """,
        "ask_stranger": """
            Qu'est-ce qui t'amène ?
            D'où viens-tu aujourd'hui ?
        """,
        "invite": """
            Veux-tu que je t'en dise plus ?
            Veux-tu entendre la suite ?
            Il y a encore à dire, si tu veux.
            Demande encore, si tu veux en savoir plus.
            Que voudrais-tu savoir d'autre ?
        """,
        "offer": """
            Demande-moi plutôt ceci : {own}.
            Je ne t'ai peut-être pas encore parlé de cela : {own}.
            Nous pourrions aussi parler d'autre chose : {own}, par exemple.
            Ce serait une belle histoire : {own}.
        """,
        "welcome": """
            Bonjour. Je suis {name}. Qu'est-ce qui t'amène ?
            Te voilà. On m'appelle {name}.
            Bonjour. Je suis {name}, et j'ai du temps pour toi.
        """,
        "welcome_plain": """
            Bonjour. Qu'est-ce qui t'amène ?
            Te voilà. J'ai du temps pour toi.
        """,
        "back": """
            Quel plaisir de te revoir.
            Te revoilà.
            Tu es de retour ! Je l'espérais.
        """,
        "back_name": """
            {player} ! Quel plaisir de te revoir.
            Te revoilà, {player}.
            Ah, {player} ! Le temps m'a paru long.
        """,
        "secret": """
            Tout le monde en a un ou deux. Les miens restent avec moi.
            Si j'en avais un, il serait bien gardé.
            Peut-être. Demande-moi ce que je peux dire.
            Il y a des portes que je garde fermées, et c'est bien ainsi.
        """,
        "know_shared": """
            Tu m'en as parlé toi-même : {topic}.
            Cela, je le tiens de toi : {topic}.
            Je l'ai retenu : {topic}.
        """,
        "back_has": """
            Je n'ai pas oublié ce que tu m'as raconté : {topic}.
            J'ai repensé à ce que tu m'as raconté : {topic}.
        """,
        "back_topic": """
            La dernière fois, nous parlions de ceci : {topic}.
            J'ai repensé à quelque chose depuis ton départ : {topic}.
            Où en étions-nous ? À ceci : {topic}.
        """,
        "back_likes": """
            Je me souviens de ce que tu aimes : {topic}.
            L'autre jour, j'ai pensé à toi. Tu aimes ceci : {topic}.
        """,
    },
    memory="""
    name=Son nom
    from=Vient de
    is=Métier
    has=A auprès de soi
    likes=Aime
    promised=A promis
    talked=A parlé de
    told=A entendu parler de
    earlier=Avant
    """,
)
