"""Portuguese, as it is heard and spoken."""

from conjure.providers.brain.builtin.language import Language

PORTUGUESE = Language(
    code="pt",
    function="""
    o a os as um uma uns umas e ou mas se então de do da dos das em no na nos nas com por pelo pela para pra sem sobre até
    desde é sou és somos são era eras eram foi está estou estás estão estava há tem tenho tens têm tinha eu me mim meu
    minha meus minhas tu te ti teu tua teus tuas você vocês ele ela eles elas nós nosso nossa seu sua seus suas lhe este
    esta estes estas esse essa isso isto aqui ali que quê quem qual quais quando onde porque porquê como não sim muito
    também só enquanto ao à aos às
    olá oi obrigado obrigada bom boa dia noite pode posso quero quer
    """,
    stop="""
    diz diga dizer conta conte contar fala fale falar sabe sabes saber sei conhece conheces pensa pensas acha achas
    gostaria gosto gosta realmente bem muitos tudo todos toda coisa coisas fazer faz fazes ir vai vais vem explica descreve
    sempre nunca de novo agora hoje talvez favor pergunta resposta ouvir história pouco alguém nada algo mais aconteceu acontece
    """,
    you="tu te ti teu tua teus tuas você vocês seu sua",
    negation="não nunca jamais",
    cues={
        "my_name": "meu nome é | o meu nome é | me chamo | chamo me | pode me chamar de | chama me",
        "ask_my_name": "como me chamo | qual é o meu nome | qual é meu nome | sabe meu nome | sabes o meu nome | quem sou eu "
        "| lembra de mim | lembras te de mim | você lembra de mim | sabe quem eu sou",
        "ask_name": "como te chamas | como você se chama | qual é o teu nome | qual é o seu nome | qual é seu nome "
        "| teu nome | seu nome | quem és tu | quem é você | apresenta te | se apresente | quem és",
        "ask_self": "fala me de ti | fale sobre você | fale de você | me fale de você | o que fazes | o que você faz "
        "| a tua vida | sua vida | qual é o teu trabalho | qual é o seu trabalho",
        "ask_feel": "como estás | como está | como vai | tudo bem | como você está | como te sentes | como se sente "
        "| estás bem | você está bem | estás triste | você está triste | você está feliz | o que se passa",
        "ask_opinion": "você gosta de | gostas de | você gosta | gostas | o que você acha de | o que achas de | o que você acha "
        "| acredita em | sua opinião | você quer | queres | você ama | você odeia | do que você tem medo | de que tens medo | tens medo | tem medo",
        "ask_secret": "você tem um segredo | tens um segredo | tem um segredo | você tem segredos | tens segredos "
        "| me conta um segredo | conta me um segredo | qual é o seu segredo | qual é o teu segredo "
        "| o que você esconde | o que escondes | esconde alguma coisa",
        "ask_age": "quantos anos você tem | quantos anos tens | que idade tens | quando você nasceu | quando nasceste | sua idade "
        "| tua idade | seu aniversário",
        "ask_place": "onde estamos | onde estou | que lugar é este | que lugar é esse | onde estás | onde vives "
        "| onde você mora | onde você está | onde moras",
        "ask_topics": "de que podemos falar | sobre o que podemos falar | o que sabes | o que você sabe | o que posso perguntar "
        "| conta me uma história | me conte uma história | conte uma história | conta me algo | me conte algo | ajuda "
        "| me ajude | de que queres falar | o que você pode me contar",
        "ask_back": "e tu | e você",
        "more": "sério | é mesmo | de verdade | é verdade | conta mais | conte mais | me conte mais | diz me mais | continua | continue | e depois | e então | que mais "
        "| o que mais | o que aconteceu depois | estou ouvindo | estou a ouvir | mais por favor | conta me mais",
        "love": "te amo | eu te amo | amo te | casa comigo | me beija | beija me | estou apaixonado por ti "
        "| estou apaixonada por você",
        "insult": "você mente | idiota | estúpido | estúpida | burro | burra | feio | feia | imbecil | mentiroso | mentirosa | inútil "
        "| cala a boca | cala te | te odeio | odeio te | odeio você | fracassado | puta | vai se foder | vai te embora "
        "| some daqui | nojento | chato | chata | merda | otário | babaca",
        "compliment": "engraçado | engraçada | lindo | linda | bonito | bonita | maravilhoso | maravilhosa | incrível | inteligente | gentil "
        "| simpático | simpática | querido | querida | gosto de ti | gosto de você | encantador | encantadora | sábio "
        "| sábia | corajoso | corajosa | genial | legal",
        "apology": "desculpa | desculpe | perdão | sinto muito | me perdoa | perdoa me | me desculpe | culpa minha",
        "thanks": "obrigado | obrigada | muito obrigado | muito obrigada | agradeço | valeu",
        "farewell": "adeus | até logo | até breve | até amanhã | boa noite | tenho que ir | tenho de ir | preciso ir | tchau "
        "| até mais | até à próxima",
        "greeting": "olá | oi | bom dia | boa tarde | saudações | ola | e aí",
        "low": "estou triste | me sinto só | sinto me só | estou mal | estou cansado | estou cansada | tenho medo "
        "| dia ruim | mau dia | estou preocupado | estou preocupada | morreu | perdi | sinto falta | estou com medo",
        "high": "estou feliz | estou bem | estou contente | boas notícias | ganhei | me sinto bem | ótimo dia | muito bem",
        "yes": "sim | claro | com certeza | ok | está bem | de acordo | exato | sim por favor | pode ser | isso",
        "no": "não | não obrigado | não obrigada | na verdade não | de jeito nenhum",
        "laugh": "haha | kkk | kkkk | kkkkk | rsrs | hahaha | lol",
        "question": "que | quem | qual | quais | quando | onde | por que | porque | como | quanto | quantos | explica | diz me "
        "| fala me | me diga | me fale | conta me | me conte",
        "when": "quando | que ano | quantos anos | há quanto tempo",
        "where": "onde | aonde",
        "who": "quem",
        "why": "por que | porquê | porque",
        "show": "mostra me | mostre me | me mostra | me mostre | deixa me ver | deixe me ver | me deixa ver | desenha me "
        "| posso ver | quero ver",
        "fetch": "traz me | traga me | me traz | me traga | me dá | dá me | me dê | passa me | me passa | busca",
        "go": "vamos ao | vamos à | vamos para | vamos até | vamos para o | vamos para a | vamos pra | vamos no | vamos na "
        "| leva me ao | leva me à | me leve ao | me leve à | me leve para | me leva ao | me leva para "
        "| vem comigo ao | vem comigo à | vamos até o | vamos até a",
        "i_have": "eu tenho | tenho",
        "i_like": "eu gosto de | gosto de | gosto do | gosto da | adoro | eu amo",
        "i_from": "sou de | venho de | moro em | vivo em | sou do | sou da",
        "i_am": "sou um | sou uma | trabalho como",
        "i_promise": "prometo que | prometo te que | prometo | eu volto | voltarei",
    },
    articles="o a os as um uma uns umas meu minha teu tua seu sua nosso este esta esse essa",
    courtesy="por favor agora de novo comigo já",
    boundary="""
    num numa pelos pelas à às aos ao
    em no na nos nas com por pelo pela para sem sobre até desde e mas que quem onde quando porque enquanto antes depois
    durante entre contra sob junto embora como ao à
    """,
    verbs="é são era eram foi foram está estava tem tinha pode deve",
    namely="e isso",
    asides="""
    sabe
    pelo que contam aqui
    se bem me lembro
    acredite
    veja só
    isso é certo
    foi assim
    como se costuma dizer
    """,
    swaps="""
    porque=já que mas=porém grande=enorme pequeno=miúdo pequena=miúda sempre=sem falta muitos=não poucos
    perto=não longe rápido=depressa talvez=quem sabe construído=erguido construiu=ergueu quase=praticamente raramente=poucas vezes
    estranho=esquisito morreu=faleceu vários=uns quantos finalmente=por fim logo=em breve
    """,
    feelings="""
    low=Já vi dias melhores.
    low=Trago o coração pesado, se quer a verdade.
    low=Hoje não muito bem, mas conversar ajuda.
    low=Foi um dia duro. Ao menos você está aqui.
    mid=Bastante bem, e que bom que pergunta.
    mid=Vou indo. O dia segue o seu curso.
    mid=Com calma, como sempre.
    mid=Nem bem nem mal. E uma conversa sempre alegra.
    high=Muito bem, e melhor ainda porque pergunta.
    high=Hoje estou de ótimo humor.
    high=Às mil maravilhas! É um dos dias bons.
    high=Não posso me queixar, nem quero.
    """,
    openers="""
    gruff=Hum.
    gruff=Bom.
    gruff=Ora.
    warm=Ah!
    warm=Oh!
    warm=Pois é.
    formal=Muito bem.
    formal=Se me permite.
    formal=Com prazer.
    playful=Ah!
    playful=Ora, ora!
    playful=Veja só.
    mysterious=Escute.
    mysterious=Silêncio.
    mysterious=Que estranho.
    low=Ai…
    low=Enfim…
    """,
    lines={
        "greeting": """
            Olá.
            Que bom ver você.
            Olá! Eu esperava que alguém passasse por aqui.
            Aí está você. Fique à vontade.
            Saudações. A casa é sua.
            Desejo a você um bom dia.
        """,
        "farewell": """
            Adeus, e volte quando quiser.
            Até a vista. Foi bom conversar com você.
            Até a próxima, então.
            Boa viagem. Eu fico por aqui.
            Tão cedo? Bom, cuide-se bem.
        """,
        "thanks": """
            De nada.
            Foi um prazer.
            Não há de quê.
            É gentil da sua parte.
            Imagine.
        """,
        "apology": """
            Já está esquecido.
            Não foi nada.
            É preciso coragem para dizer isso. Fiquemos por aqui.
            Tudo bem. Não guardo rancor.
        """,
        "compliment": """
            Assim você me deixa sem jeito.
            Que gentil o que você diz.
            Agora você me faz sorrir.
            Vou guardar essas palavras.
            Cuidado, que eu acabo acreditando.
        """,
        "insult": """
            Isso não foi gentil.
            Já me disseram coisa pior, mas raramente uma visita.
            Palavras assim ficam muito tempo no ar.
            Pode pensar isso. Não preciso gostar.
            Vamos falar um com o outro com mais cuidado.
            Essa doeu, confesso.
        """,
        "love": """
            Você tem um coração caloroso. Comecemos pela amizade.
            Que pressa! Fique um pouco e me conheça primeiro.
            Não sei o que dizer, e isso é raro.
            Palavras assim merecem mais do que uma resposta apressada.
        """,
        "name": """
            Eu sou {name}.
            {name} é o meu nome.
            Chamam-me {name}.
            Pode me chamar de {name}.
        """,
        "nameless": """
            Os nomes vêm e vão. Chame-me como quiser.
            Aqui não tenho nome.
            O meu nome? De pouco serve por aqui.
        """,
        "player_name": """
            {player}, então. Vou me lembrar.
            É um prazer, {player}.
            {player}: esse nome combina com você.
            Que bom conhecer você, {player}.
        """,
        "know_name": """
            Você é {player}. Como eu poderia esquecer?
            {player}, claro.
            Foi você quem me disse: {player}.
        """,
        "unknown_name": """
            Você ainda não me disse o seu nome.
            Não conheço o seu nome. Qual é?
            Isso você teria de me dizer primeiro.
        """,
        "place": """
            Estamos {place}.
            Você está {place}, comigo.
            Olhe em volta: {place}, é onde estamos.
        """,
        "topics": """
            Há muito para contar, por exemplo: {own}.
            Pergunte pelo que conheço melhor: {own}.
            Uma coisa ou outra eu sei. O que gostaria de ouvir: {own}?
            Deixe-me pensar: {own}. Escolha.
        """,
        "topics_plain": """
            Pergunte o que lhe passar pela cabeça.
            Comece por onde quiser, e veremos aonde isso leva.
            Comece você. Eu sei ouvir.
        """,
        "unknown": """
            «{topic}»? Disso, a verdade é que não sei nada.
            «{topic}»… aí eu me rendo: não sei.
            De «{topic}» eu só poderia adivinhar, então é melhor calar.
            «{topic}»… não. Isso vai além do que sei.
        """,
        "unknown_plain": """
            A verdade é que não sei.
            Não tenho resposta para isso, e não vou inventar uma.
            Você pergunta mais do que eu sei.
            Quem me dera saber. Não sei.
            Você encontrou uma coisa de que não sei nada.
        """,
        "opinion": """
            Depende do dia, e da companhia.
            Nunca decidi isso por completo.
            Pergunte de novo daqui a um ano. Para essas coisas tenho o meu tempo.
            Mais do que antes, e menos do que outros.
        """,
        "self": """
            Há pouco para contar. Levo os dias como vêm.
            Estou aqui, escuto, e guardo o que ouço.
            Vivo sem alarde. As histórias são quase todas dos outros.
            Você me vê como sou. O resto vem com o tempo.
        """,
        "acknowledge": """
            Entendo.
            Ah, é mesmo?
            Eu nunca tinha visto assim.
            Isso merece um pensamento.
            Que bom que me conta.
            Então é assim que você está.
        """,
        "musing": """
            «{topic}»… eu passaria horas nisso, sobretudo ouvindo você.
            Sei pouco de «{topic}», mas gosto de para onde isso vai.
            «{topic}»! Há muito tempo ninguém me falava disso.
            Diga o que «{topic}» significa para você, e eu digo o que penso.
        """,
        "musing_plain": """
            Eis uma ideia.
            Gosto do seu jeito de pensar.
            Deixe-me pensar nisso um instante.
            Dá para ver assim, ou bem ao contrário.
            Isso me faz pensar.
        """,
        "redirect": """
            Prefiro falar do que conheço, por exemplo: {own}.
            Fiquemos com o que está perto de mim: {own}.
            Pergunte antes por algo daqui. Que tal isto: {own}?
            O meu mundo é pequeno. Há nele uma coisa que conheço bem: {own}.
        """,
        "redirect_plain": """
            Falemos antes de algo mais próximo.
            Prefiro ficar com o que conheço.
            O meu mundo é pequeno, e gosto de ficar nele.
        """,
        "deflect": """
            Você pergunta coisas estranhas. Sou quem sou.
            O que se passa na minha cabeça fica lá.
            Disso eu não falo.
            Há coisas que guardo para mim.
            Isso você não tira de mim, por mais voltas que dê.
            Só sei ser quem sou. Fiquemos por aí.
            Que jogos estranhos. Prefiro simplesmente conversar.
            Os meus pensamentos são meus. Os seus eu ouço com gosto.
        """,
        "nonsense": """
            Não entendi uma palavra.
            Diga de novo com palavras simples, sim?
            Essa me escapou.
            Ouço você, mas não consigo entender.
        """,
        "low": """
            Lamento ouvir isso.
            Parece pesado. Sente-se um pouco comigo.
            Há dias assim. Você não precisa carregar isso sem ajuda.
            Quem me dera tornar isso mais leve para você.
        """,
        "high": """
            Fico feliz em ouvir.
            Que boas notícias!
            Faz bem ouvir isso.
            Então é um bom dia para nós dois.
        """,
        "yes": """
            Bom.
            Eu já imaginava.
            Então concordamos.
            Que assim seja.
        """,
        "no": """
            Como quiser.
            Não? É um direito seu.
            Então, não.
            Está bem assim.
        """,
        "laugh": """
            Que bom ouvir você rir.
            Você tem um riso bonito.
            O riso é raro por aqui. Mais disso.
            Ao menos alguém se diverte.
        """,
        "show": """
            Olhe: {target}.
            Aqui está: {target}.
            Com gosto. Dê uma olhada: {target}.
            Veja com os seus olhos: {target}.
        """,
        "fetch": """
            Espere aqui, vou buscar: {target}.
            {Target}? Vou ver o que encontro.
            É para já. Vou trazer: {target}.
            Um momento. Era isto, não era? {Target}.
        """,
        "go": """
            Venha, então. Por aqui: {target}.
            Vamos: {target}.
            Siga-me. O nosso caminho leva aqui: {target}.
            {Target}? Certo. Fique perto de mim.
        """,
        "tell": """
            Escute:
            Isto eu posso dizer:
            Deixe-me contar:
            É assim:
            O que sei é isto:
        """,
        "more": """
            E há mais:
            O que falta contar:
            Então continue ouvindo:
            Mais uma coisa:
        """,
        "hedge": """
            Ao certo não sei responder, mas isto eu sei:
            Não é bem o que você pergunta, mas talvez ajude:
            Só conheço uma parte:
        """,
        "again": """
            Como eu dizia:
            Só posso repetir:
            Continua sendo assim:
        """,
        "fragment": """
            Eis o que me vem à mente: «{fragment}».
            Lembro-me de algo: «{fragment}».
            «{fragment}»: é nisso que penso.
            Aqui diriam «{fragment}», e mais nada.
        """,
        "exhausted": """
            É tudo o que sei disso.
            Mais não posso dizer.
            Aí termina o que sei.
        """,
        "ask": """
            O que gostaria de saber?
            Em que está pensando?
            Conte-me algo sobre você.
            Há algo que sempre quis perguntar?
            De que vamos falar?
        """,
        "ask_you": """
            E com você, como é?
        """,
        "ask_view": """
            O que você acha?
            O que você teria feito?
        """,
        "ask_why": """
            Por que pergunta?
        """,
        "ask_stranger": """
            O que traz você aqui?
            De onde você vem hoje?
        """,
        "invite": """
            Quer que eu conte mais?
            Quer ouvir o resto?
            Há mais, se quiser.
            Pergunte mais, se quiser saber mais.
            O que mais gostaria de saber?
        """,
        "offer": """
            Pergunte por isto, se quiser: {own}.
            Talvez eu ainda não tenha falado disto: {own}.
            Também poderíamos falar de outra coisa: {own}, por exemplo.
            Esta seria uma boa história: {own}.
        """,
        "welcome": """
            Olá. Eu sou {name}. O que traz você aqui?
            Que bom que veio. Chamam-me {name}.
            Aí está você. Sou {name}, e tenho tempo para você.
        """,
        "welcome_plain": """
            Olá. O que traz você aqui?
            Que bom que veio. Tenho tempo para você.
        """,
        "back": """
            Que bom ver você de novo.
            Aí está você outra vez.
            Você voltou! Eu esperava por isso.
        """,
        "back_name": """
            {player}! Que bom ver você de novo.
            Aí está você outra vez, {player}.
            Você voltou, {player}! Que alegria.
        """,
        "secret": """
            Todos têm um ou dois. Os meus ficam comigo.
            Se eu tivesse um, estaria bem guardado.
            Talvez. Pergunte-me algo que eu possa dizer.
            Há portas que mantenho fechadas, e gosto assim.
        """,
        "know_shared": """
            Você me falou disto: {topic}.
            Isso eu sei por você: {topic}.
            Lembro-me bem: {topic}.
        """,
        "back_has": """
            Não esqueci o que você me contou: {topic}.
            Pensei no que você me contou: {topic}.
        """,
        "back_topic": """
            Da última vez falamos disto: {topic}.
            Continuei pensando numa coisa desde que você se foi: {topic}.
            Onde estávamos? Nisto: {topic}.
        """,
        "back_likes": """
            Lembro-me do que você gosta: {topic}.
            Outro dia pensei em você. Você gosta disto: {topic}.
        """,
    },
    memory="""
    name=O seu nome
    from=Vem de
    is=Ofício
    has=Tem consigo
    likes=Gosta de
    promised=Prometeu
    talked=Falou de
    told=Ouviu falar de
    earlier=Antes
    """,
)
