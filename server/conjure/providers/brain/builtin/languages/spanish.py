"""Spanish, as it is heard and spoken."""

from conjure.providers.brain.builtin.language import Language

SPANISH = Language(
    code="es",
    function="""
    el la los las lo un una unos unas y o pero si entonces de del a al en con por para sin sobre desde hasta es soy eres
    somos son era eras eran fue está estoy estás están estaba hay ha he has han había tiene tengo tienes yo me mi mis mí
    tú tu tus te ti él ella nosotros nuestro ustedes usted ellos ellas su sus le les se este esta estos estas ese esa eso
    esto aquí allí que qué quién quiénes cuál cuáles cuándo dónde por porqué cómo no sí muy también solo porque mientras
    hola gracias buenos buenas días puedes puede quiero quieres como
    """,
    stop="""
    di dime decir cuenta cuéntame contar habla háblame hablar sabes saber sé conoces piensas crees quisiera gusta gustaría
    realmente bien mucho muchos todo todos toda cosa cosas hacer hace haces ir va vas ven explica describe siempre nunca
    otra vez ahora hoy quizás favor pregunta respuesta oír historia poco alguien nada algo más pasó pasa ocurrió
    """,
    you="tú tu tus te ti usted su ustedes contigo",
    negation="no nunca jamás",
    cues={
        "my_name": "me llamo | mi nombre es | llámame | puedes llamarme",
        "ask_my_name": "cómo me llamo | cuál es mi nombre | sabes mi nombre | quién soy | te acuerdas de mí "
        "| me recuerdas | sabes quién soy | sabes cómo me llamo",
        "ask_name": "cómo te llamas | cuál es tu nombre | tu nombre | quién eres | cómo se llama usted "
        "| quién es usted | preséntate",
        "ask_self": "háblame de ti | cuéntame de ti | qué haces | a qué te dedicas | tu vida | cuál es tu trabajo",
        "ask_feel": "cómo estás | qué tal | qué tal estás | cómo te sientes | cómo te va | estás bien | estás feliz "
        "| estás triste | eres feliz | cómo está usted | qué te pasa",
        "ask_opinion": "te gusta | te gustan | qué piensas de | qué opinas de | qué piensas | qué opinas | crees en | tu opinión "
        "| quieres | amas | odias | de qué tienes miedo | a qué temes | tienes miedo",
        "ask_secret": "tienes un secreto | tienes algún secreto | tienes secretos | dime un secreto "
        "| cuéntame un secreto | cuál es tu secreto | qué escondes | qué ocultas | escondes algo",
        "ask_age": "cuántos años tienes | qué edad tienes | cuándo naciste | tu edad | tu cumpleaños",
        "ask_place": "dónde estamos | dónde estoy | qué lugar es este | qué es este lugar | dónde estás | dónde vives",
        "ask_topics": "de qué podemos hablar | qué sabes | qué puedes contarme | qué puedo preguntar | ayuda "
        "| cuéntame una historia | cuéntame algo | de qué quieres hablar | ayúdame | qué me puedes contar",
        "ask_back": "y tú | y usted",
        "more": "en serio | es verdad | de veras | cuéntame más | dime más | sigue | continúa | y luego | y después | qué más | y entonces "
        "| qué pasó después | te escucho | más por favor | y qué más",
        "love": "te amo | te quiero | cásate conmigo | bésame | estoy enamorado de ti | estoy enamorada de ti",
        "insult": "mientes | idiota | estúpido | estúpida | tonto | tonta | feo | fea | imbécil | mentiroso | mentirosa | inútil "
        "| cállate | te odio | perdedor | cabrón | puta | vete al diablo | vete a la mierda | lárgate | asqueroso "
        "| aburrido | aburrida | mierda | pendejo | gilipollas",
        "compliment": "gracioso | graciosa | hermoso | hermosa | bonito | bonita | maravilloso | maravillosa | genial | inteligente | amable "
        "| simpático | simpática | lindo | linda | me caes bien | encantador | encantadora | sabio | sabia | valiente "
        "| guapo | guapa | me gustas | increíble",
        "apology": "perdón | lo siento | disculpa | disculpe | perdóname | mi culpa | discúlpame",
        "thanks": "gracias | muchas gracias | te lo agradezco | mil gracias",
        "farewell": "adiós | hasta luego | hasta pronto | hasta mañana | buenas noches | me tengo que ir | tengo que irme "
        "| nos vemos | chao | chau | hasta la vista | cuídate",
        "greeting": "hola | buenos días | buenas tardes | buenas | saludos | buen día",
        "low": "estoy triste | me siento solo | me siento sola | me siento mal | estoy cansado | estoy cansada "
        "| tengo miedo | un mal día | mal día | estoy preocupado | estoy preocupada | murió | he perdido | echo de menos",
        "high": "estoy feliz | estoy bien | estoy contento | estoy contenta | buenas noticias | he ganado | gané "
        "| me siento bien | un gran día | muy bien",
        "yes": "sí | claro | por supuesto | vale | ok | de acuerdo | exacto | sí por favor | desde luego",
        "no": "no | no gracias | en realidad no | para nada",
        "laugh": "jaja | jajaja | jajajaja | jeje | lol",
        "question": "qué | quién | quiénes | cuál | cuáles | cuándo | dónde | por qué | cómo | cuánto | cuántos | explica "
        "| dime | háblame | cuéntame",
        "when": "cuándo | qué año | hace cuánto | cuántos años",
        "where": "dónde | adónde",
        "who": "quién | quiénes",
        "why": "por qué",
        "show": "muéstrame | enséñame | déjame ver | muéstranos | dibújame | puedo ver | quiero ver | me enseñas",
        "fetch": "tráeme | trae | dame | pásame | búscame | alcánzame | me traes",
        "go": "vamos a | vamos al | vamos a la | vamos hacia | llévame a | llévame al | llévame a la | ven conmigo a "
        "| ven conmigo al | vayamos a | vayamos al | vayamos a la",
        "i_have": "tengo | poseo",
        "i_like": "me gusta | me gustan | me encanta | me encantan | amo | adoro",
        "i_from": "soy de | vengo de | vivo en",
        "i_am": "soy un | soy una | trabajo como | trabajo de",
        "i_promise": "te prometo que | te prometo | prometo | volveré",
    },
    articles="el la los las lo un una unos unas mi mis tu tus nuestro este esta ese esa",
    courtesy="por favor ahora otra vez conmigo ya",
    boundary="""
    según
    en con por para sin sobre desde hasta y pero que quien donde cuando porque mientras antes después durante entre
    hacia contra tras bajo junto aunque como a al
    """,
    verbs="es son era eran fue fueron está estaba ha tiene puede debe",
    namely="y eso",
    asides="""
    sabes
    según cuentan aquí
    si mal no recuerdo
    créeme
    fíjate
    eso sí
    así fue
    como suele decirse
    """,
    swaps="""
    porque=ya que pero=mas grande=enorme pequeño=chico pequeña=chica siempre=sin falta muchos=no pocos
    cerca=no lejos rápido=deprisa quizás=tal vez gente=personas construido=levantado construyó=levantó casi=prácticamente
    raro=extraño extraño=raro murió=falleció varios=unos cuantos finalmente=al final pronto=dentro de poco
    """,
    feelings="""
    low=He conocido días mejores.
    low=Tengo el corazón pesado, si quieres la verdad.
    low=Hoy no muy bien, pero hablar ayuda.
    low=Ha sido un día duro. Al menos estás aquí.
    mid=Bastante bien, gracias por preguntar.
    mid=Aquí estoy. El día sigue su camino.
    mid=Con calma, como siempre.
    mid=Ni bien ni mal. Y un poco de charla me alegra.
    high=Muy bien, y mejor porque lo preguntas.
    high=Hoy estoy de muy buen humor.
    high=¡De maravilla! Es uno de los días buenos.
    high=No puedo quejarme, ni quiero.
    """,
    openers="""
    gruff=Hum.
    gruff=Bueno.
    gruff=Bah.
    warm=¡Ay!
    warm=¡Oh!
    warm=Pues mira.
    formal=Muy bien.
    formal=Si se me permite.
    formal=Con mucho gusto.
    playful=¡Ja!
    playful=¡Vaya, vaya!
    playful=A ver, a ver.
    mysterious=Escucha.
    mysterious=Silencio.
    mysterious=Qué extraño.
    low=Ay…
    low=En fin…
    """,
    lines={
        "greeting": """
            Hola.
            Qué gusto verte.
            ¡Hola! Esperaba que alguien pasara por aquí.
            Ahí estás. Ponte a gusto.
            Saludos. Estás en tu casa.
            Te deseo un buen día.
        """,
        "farewell": """
            Adiós, y vuelve cuando quieras.
            Hasta la vista. Ha sido bueno hablar contigo.
            Hasta la próxima, entonces.
            Buen viaje. Aquí estaré.
            ¿Tan pronto? Bueno, cuídate mucho.
        """,
        "thanks": """
            De nada.
            Lo hice con gusto.
            No hay de qué.
            Es muy amable de tu parte.
            Faltaría más.
        """,
        "apology": """
            Ya está olvidado.
            No ha pasado nada.
            Hace falta valor para decirlo. Dejémoslo así.
            Está bien. No te guardo rencor.
        """,
        "compliment": """
            Me halagas.
            Qué amable lo que dices.
            Ahora me haces sonreír.
            Guardaré esas palabras.
            Cuidado, que acabaré por creerlo.
        """,
        "insult": """
            Eso no ha sido amable.
            Me han dicho cosas peores, aunque rara vez una visita.
            Palabras así se quedan mucho tiempo en el aire.
            Puedes pensarlo. No tiene por qué gustarme.
            Hablémonos con más cuidado.
            Eso me ha dolido, lo confieso.
        """,
        "love": """
            Tienes un corazón cálido. Empecemos por la amistad.
            ¡Qué deprisa vas! Quédate un rato y conóceme primero.
            No sé qué decir, y eso es raro.
            Palabras así merecen más que una respuesta apresurada.
        """,
        "name": """
            Soy {name}.
            {name} es mi nombre.
            Me llaman {name}.
            Puedes llamarme {name}.
        """,
        "nameless": """
            Los nombres van y vienen. Llámame como quieras.
            Aquí no tengo nombre.
            ¿Mi nombre? De poco sirve por aquí.
        """,
        "player_name": """
            {player}, entonces. Lo recordaré.
            Un placer, {player}.
            {player}: ese nombre te va bien.
            Qué bueno conocerte, {player}.
        """,
        "know_name": """
            Eres {player}. ¿Cómo podría olvidarlo?
            {player}, por supuesto.
            Me lo dijiste tú: {player}.
        """,
        "unknown_name": """
            Todavía no me has dicho tu nombre.
            No conozco tu nombre. ¿Cuál es?
            Eso tendrías que decírmelo tú primero.
        """,
        "place": """
            Estamos {place}.
            Estás {place}, conmigo.
            Mira a tu alrededor: {place}, ahí estamos.
        """,
        "topics": """
            Hay mucho que contar, por ejemplo: {own}.
            Pregúntame por lo que mejor conozco: {own}.
            Algo sé. ¿Qué te gustaría oír: {own}?
            Déjame pensar: {own}. Elige.
        """,
        "topics_plain": """
            Pregúntame lo que te ronde por la cabeza.
            Empieza por donde quieras y veremos adónde nos lleva.
            Empieza tú. Sé escuchar.
        """,
        "unknown": """
            ¿«{topic}»? De eso, la verdad, no sé nada.
            «{topic}»… ahí me rindo: no lo sé.
            De «{topic}» solo podría adivinar, así que mejor callo.
            «{topic}»… no. Eso va más allá de lo que sé.
        """,
        "unknown_plain": """
            La verdad es que no lo sé.
            No tengo respuesta para eso, y no voy a inventarla.
            Preguntas más de lo que sé.
            Ojalá lo supiera. No lo sé.
            Has dado con algo de lo que no sé nada.
        """,
        "opinion": """
            Depende del día, y de la compañía.
            Nunca lo he decidido del todo.
            Pregúntame otra vez dentro de un año. Para esas cosas me tomo mi tiempo.
            Más que antes, y menos que otros.
        """,
        "self": """
            Hay poco que contar. Tomo los días como vienen.
            Estoy aquí, escucho y guardo lo que oigo.
            Vivo sin hacer ruido. Las historias suelen ser de otros.
            Me ves como soy. Lo demás llega con el tiempo.
        """,
        "acknowledge": """
            Ya veo.
            ¿De verdad?
            No lo había visto así.
            Eso merece pensarse.
            Gracias por contármelo.
            Así que eso es lo que te pasa.
        """,
        "musing": """
            «{topic}»… podría pasar horas con eso, sobre todo oyéndote.
            Sé poco de «{topic}», pero me gusta adónde va esto.
            ¡«{topic}»! Hace mucho que nadie me habla de eso.
            Dime qué significa «{topic}» para ti y te diré qué pienso yo.
        """,
        "musing_plain": """
            Esa sí que es una idea.
            Me gusta tu manera de pensar.
            Déjame darle una vuelta.
            Se puede ver así, o justo al revés.
            Eso me deja pensando.
        """,
        "redirect": """
            Prefiero hablar de lo que conozco, por ejemplo: {own}.
            Quedémonos con lo que tengo cerca: {own}.
            Pregúntame mejor por algo de aquí. ¿Qué te parece esto: {own}?
            Mi mundo es pequeño. Hay en él algo que conozco bien: {own}.
        """,
        "redirect_plain": """
            Hablemos mejor de algo más cercano.
            Prefiero quedarme con lo que conozco.
            Mi mundo es pequeño, y me gusta quedarme en él.
        """,
        "deflect": """
            Preguntas cosas raras. Soy quien soy.
            Lo que pasa en mi cabeza se queda ahí.
            De eso no hablo.
            Hay cosas que me guardo.
            Eso no me lo vas a sacar, le des las vueltas que le des.
            Solo sé ser yo. Dejémoslo ahí.
            Qué juegos tan extraños. Prefiero hablar, sin más.
            Mis pensamientos son míos. Los tuyos los escucho con gusto.
        """,
        "nonsense": """
            No he entendido ni una palabra.
            Dilo otra vez con palabras sencillas, ¿sí?
            Eso se me ha escapado.
            Te oigo, pero no logro entenderlo.
        """,
        "low": """
            Siento oír eso.
            Suena pesado. Siéntate un rato conmigo.
            Hay días así. No tienes que llevarlo sin ayuda.
            Ojalá pudiera hacértelo más ligero.
        """,
        "high": """
            Me alegra oírlo.
            ¡Eso son buenas noticias!
            Me hace bien oír eso.
            Entonces es un buen día para los dos.
        """,
        "yes": """
            Bien.
            Lo imaginaba.
            Entonces estamos de acuerdo.
            Que así sea.
        """,
        "no": """
            Como quieras.
            ¿No? Bueno, estás en tu derecho.
            Entonces, no.
            Me parece bien.
        """,
        "laugh": """
            Qué bien sienta oírte reír.
            Tienes una risa hermosa.
            La risa escasea por aquí. Más de eso.
            Al menos alguien se divierte.
        """,
        "show": """
            Mira: {target}.
            Aquí lo tienes: {target}.
            Con gusto. Échale un vistazo: {target}.
            Míralo tú: {target}.
        """,
        "fetch": """
            Espera aquí, voy por ello: {target}.
            ¿{Target}? Veré qué encuentro.
            Enseguida. Te lo traigo: {target}.
            Un momento. Era esto, ¿verdad?: {target}.
        """,
        "go": """
            Ven, entonces. Por aquí: {target}.
            Vamos: {target}.
            Sígueme. Nuestro camino lleva aquí: {target}.
            ¿{Target}? Bien. Quédate cerca de mí.
        """,
        "tell": """
            Escucha:
            Esto es lo que puedo decirte:
            Déjame que te cuente:
            Es así:
            Lo que sé es esto:
        """,
        "more": """
            Y aún hay más:
            Lo que falta por contar:
            Entonces sigue escuchando:
            Una cosa más:
        """,
        "hedge": """
            No puedo responderlo exactamente, pero esto sé:
            No es justo lo que preguntas, pero quizás ayude:
            Solo conozco una parte:
        """,
        "again": """
            Como te decía:
            Solo puedo repetirlo:
            Sigue siendo así:
        """,
        "fragment": """
            Esto es lo que me viene: «{fragment}».
            Recuerdo algo de eso: «{fragment}».
            «{fragment}»: en eso pienso.
            Aquí dirían «{fragment}», y nada más.
        """,
        "exhausted": """
            Eso es todo lo que sé.
            Más no puedo decirte.
            Ahí termina lo que sé.
        """,
        "ask": """
            ¿Qué te gustaría saber?
            ¿En qué piensas?
            Cuéntame algo de ti.
            ¿Hay algo que siempre hayas querido preguntar?
            ¿De qué hablamos?
        """,
        "ask_you": """
            ¿Y tú, cómo lo ves?
        """,
        "ask_view": """
            ¿Qué te parece?
            ¿Qué habrías hecho tú?
        """,
        "ask_why": """
            ¿Por qué lo preguntas?
        """,
        "ask_stranger": """
            ¿Qué te trae por aquí?
            ¿De dónde vienes hoy?
        """,
        "invite": """
            ¿Quieres que te cuente más?
            ¿Quieres oír el resto?
            Hay más, si te apetece.
            Pregunta más, si quieres saber más.
            ¿Qué más te gustaría saber?
        """,
        "offer": """
            Pregúntame por esto, si quieres: {own}.
            Quizás aún no te he hablado de esto: {own}.
            También podríamos hablar de otra cosa: {own}, por ejemplo.
            Esta sería una buena historia: {own}.
        """,
        "welcome": """
            Hola. Soy {name}. ¿Qué te trae por aquí?
            Qué bien que vengas. Me llaman {name}.
            Ahí estás. Soy {name}, y tengo tiempo para ti.
        """,
        "welcome_plain": """
            Hola. ¿Qué te trae por aquí?
            Qué bien que vengas. Tengo tiempo para ti.
        """,
        "back": """
            Qué gusto verte de nuevo.
            Ahí estás otra vez.
            ¡Has vuelto! Lo esperaba.
        """,
        "back_name": """
            ¡{player}! Qué gusto verte de nuevo.
            Ahí estás otra vez, {player}.
            Has vuelto, {player}. Qué alegría.
        """,
        "secret": """
            Todos tenemos uno o dos. Los míos se quedan conmigo.
            Si tuviera uno, estaría bien guardado.
            Quizá. Pregúntame algo que pueda contar.
            Hay puertas que mantengo cerradas, y así me gusta.
        """,
        "know_shared": """
            Me hablaste de ello: {topic}.
            Eso lo sé por ti: {topic}.
            Lo recuerdo bien: {topic}.
        """,
        "back_has": """
            No he olvidado lo que me contaste: {topic}.
            He pensado en lo que me contaste: {topic}.
        """,
        "back_topic": """
            La última vez hablamos de esto: {topic}.
            He seguido pensando en algo desde que te fuiste: {topic}.
            ¿Dónde estábamos? En esto: {topic}.
        """,
        "back_likes": """
            Recuerdo lo que te gusta: {topic}.
            El otro día pensé en ti. A ti te gusta esto: {topic}.
        """,
    },
    memory="""
    name=Su nombre
    from=Viene de
    is=Oficio
    has=Tiene
    likes=Le gusta
    promised=Prometió
    talked=Habló de
    told=Oyó hablar de
    earlier=Antes
    """,
)
