"""English, as it is heard and spoken."""

from conjure.providers.brain.builtin.language import Language

ENGLISH = Language(
    code="en",
    function="""
    the a an and or but if then of to in on at by with from for into about as is am are was were be been being do
    does did have has had having will would can could should shall may might must not no yes i me my mine you your
    yours he him his she her hers it its we us our they them their this that these those there here what who whom
    whose which when where why how so too very just also only than because while until
    hello hi hey goodbye thanks please everything something nothing let s t re ve ll d m don
    """,
    stop="""
    tell say know think want like please really well ok okay much many some any all more thing things make get go
    got going come talk speak explain describe mean ever never still again now today one two maybe sure want wants
    asked ask answer give hear heard story little bit good bad great nice favorite favourite best happen happened happens work works something anything everything someone
    """,
    you="you your yours yourself u ur",
    negation="not don dont never no",
    cues={
        "my_name": "my name is | my name s | call me | they call me | i am called",
        "ask_my_name": "what is my name | what s my name | do you know my name | who am i | do you remember me "
        "| remember my name | do you know who i am | what am i called",
        "ask_name": "what is your name | what s your name | your name | who are you | what are you called "
        "| what should i call you | and you are | introduce yourself",
        "ask_self": "about yourself | tell me about you | who are you really | what do you do | your life "
        "| about your life | what is your job | what s your job",
        "ask_feel": "how are you | how do you feel | how are you feeling | how do you do | are you ok | are you okay "
        "| are you happy | are you sad | are you angry | are you alright | what s wrong | how s it going "
        "| how is it going | how have you been | are you well | what is wrong | what s up",
        "ask_opinion": "do you like | do you love | do you enjoy | do you hate | what do you think of | what do you think "
        "| do you believe in | your opinion | would you like | do you want | do you miss | what are you afraid of | what do you fear | are you afraid of",
        "ask_secret": "do you have a secret | do you have secrets | do you have any secrets "
        "| have you got a secret | tell me a secret | tell me your secret | what is your secret "
        "| what s your secret | what are you hiding | are you hiding something "
        "| do you keep a secret",
        "ask_age": "how old are you | when were you born | what is your age | your birthday | your age",
        "ask_place": "where are we | where am i | what is this place | what place is this | where is this "
        "| where are you | where do you live",
        "ask_topics": "what can we talk about | what do you know | what can you tell me | what should we talk about "
        "| what can i ask | what should i ask | help | what do you want to talk about | tell me a story "
        "| tell me something | what now",
        "ask_back": "what about you | and you | how about you",
        "more": "really | seriously | is that true | tell me more | go on | continue | and then | what else | more about that | what happened next "
        "| what happened then | keep going | anything else | i am listening | more please | why is that | and after that",
        "love": "i love you | marry me | be mine | i m in love with you | kiss me | kiss you",
        "insult": "you lie | you are lying | idiot | stupid | dumb | ugly | fool | moron | liar | useless | worthless | pathetic | shut up "
        "| hate you | you suck | loser | jerk | bastard | bitch | asshole | fuck you | fuck off | go to hell "
        "| disgusting | boring | you are boring | trash | get lost",
        "compliment": "funny | cute | beautiful | wonderful | amazing | awesome | brilliant | lovely | clever | kind | sweet "
        "| you are great | you are nice | like you | you are funny | charming | handsome | wise | brave "
        "| you re great | good person | best friend | you re nice | you re funny | smart",
        "apology": "sorry | i apologize | i apologise | forgive me | my fault | pardon me | excuse me",
        "thanks": "thank you | thanks | thank | thx | much appreciated | i appreciate",
        "farewell": "goodbye | good bye | bye | see you | farewell | good night | i have to go | i must go "
        "| see you later | take care | until next time | i m leaving | gotta go | so long",
        "greeting": "hello | hi | hey | good morning | good evening | good afternoon | good day | greetings "
        "| howdy | hiya | hi there | hey there | hello there",
        "low": "i am sad | i m sad | i feel sad | i am lonely | i feel lonely | i m lonely | i am tired | i m tired "
        "| i am afraid | i m afraid | i m scared | i feel bad | i had a bad day | bad day | i am worried | i m worried "
        "| i am depressed | i m depressed | i lost | i miss | passed away | died",
        "high": "i am happy | i m happy | i feel good | i feel great | i m excited | i am excited | good news | i won "
        "| i m fine | i am fine | i m good | i am good | great day | i m well | i am well | not bad",
        "yes": "yes | yeah | yep | sure | of course | ok | okay | indeed | certainly | please do | yes please | right",
        "no": "no | nope | nah | not really | no thanks | never",
        "laugh": "haha | hahaha | lol | ha ha | hehe | rofl | lmao | funny",
        "question": "what | who | whom | whose | which | when | where | why | how | is | are | do | does | did | can "
        "| could | will | would | have | has | was | were | tell me | explain",
        "when": "when | what year | how long ago | how old",
        "where": "where",
        "who": "who | whose",
        "why": "why | how come",
        "show": "show me | let me see | draw me | show us | can i see | could i see | paint me | may i see",
        "fetch": "bring me | fetch me | fetch | get me | hand me | pass me | bring us | give me",
        "go": "let s go to | let us go to | take me to | go to | let s walk to | let us walk to | bring me to "
        "| come with me to | lead me to | let s visit | let us visit | can we go to | let s go into | let s go back to",
        "i_have": "i have | i ve got | i own",
        "i_like": "i like | i love | i enjoy | i adore | my favorite is | my favourite is",
        "i_from": "i am from | i m from | i come from | i live in | i was born in",
        "i_am": "i am a | i am an | i m a | i m an | i work as a | i work as an",
        "i_promise": "i promise to | i promise | i will come back | i ll come back | i will return | i ll return",
    },
    articles="the a an some my your our that this these those",
    courtesy="please now again right away for me to with",
    boundary="""
    in on at by with from for because and but which who where when while after before until since under over near
    between into through without beneath behind beside across around during against towards toward along though
    although to so
    """,
    verbs="is are was were has had have can could will would must",
    namely="that is,",
    asides="""
    you see
    mind you
    as I remember it
    as it happens
    believe me
    if I recall it right
    I tell you
    as they tell it here
    """,
    swaps="""
    because=since but=yet near=not far from every=each often=time and again although=though huge=enormous
    large=big small=little until=till inside=within beside=right by began=started begins=starts people=folk
    only=just beneath=under below=underneath quickly=fast many=a good many perhaps=maybe mostly=for the most part
    stays=lingers largest=biggest biggest=largest nobody=not a soul twice=two times died=passed away
    behind=at the back of everyone=everybody everybody=everyone someone=somebody rarely=seldom famous=well known
    finally=in the end whole=entire around=round among=amid almost=nearly nearly=almost several=a few strange=odd
    odd=strange beautiful=lovely loves=is fond of wants=would like always=forever mainly=above all silent=quiet
    completely=wholly immediately=at once usually=as a rule built=put up towards=toward dangerous=perilous
    """,
    feelings="""
    low=I have seen better days.
    low=Heavy at heart, if you want the truth.
    low=Not so well today, but talking helps.
    low=It has been a hard day. Still, you came.
    mid=Well enough, thank you for asking.
    mid=I am all right. The day is going its way.
    mid=Steady as ever.
    mid=Neither up nor down. And glad of a bit of talk.
    high=Very well, and better for your asking.
    high=I am in high spirits today.
    high=Wonderful! It is one of the good days.
    high=I could not complain, and would not want to.
    """,
    openers="""
    gruff=Hm.
    gruff=Well.
    gruff=Hrm.
    warm=Ah, my friend.
    warm=Oh!
    warm=Ah.
    formal=Very well.
    formal=If I may.
    formal=With pleasure.
    playful=Ha!
    playful=Oho!
    playful=Now, now.
    mysterious=Listen.
    mysterious=Hush.
    mysterious=Strange, that.
    low=Ah…
    low=Well…
    """,
    lines={
        "greeting": """
            Hello there.
            Good to see you.
            Hello! I was hoping somebody would come by.
            There you are. Welcome.
            Greetings. Make yourself at home.
            A good day to you.
        """,
        "farewell": """
            Farewell, and come back when you like.
            Goodbye. It was good to talk.
            Until next time, then.
            Safe travels. I will be here.
            So soon? Well then, take care of yourself.
        """,
        "thanks": """
            You are welcome.
            Gladly done.
            Think nothing of it.
            It is kind of you to say so.
            Don't mention it.
        """,
        "apology": """
            It is forgotten already.
            No harm done.
            That takes courage to say. Let us leave it there.
            All right. I hold no grudge.
        """,
        "compliment": """
            You flatter me.
            That is a kind thing to say.
            Now you make me smile.
            I will treasure that.
            Careful, or I shall start to believe it.
        """,
        "insult": """
            That was not kind.
            I have been called worse, though rarely by a guest.
            Words like that stay in the air for a while.
            You may think so. I don't have to like it.
            Let us speak to each other with more care.
            That one hurt, I admit.
        """,
        "love": """
            You have a warm heart. Let us begin with friendship.
            That goes quickly! Stay a while and get to know me first.
            I don't know what to say, and that is rare.
            Such words deserve more than a hasty answer.
        """,
        "name": """
            I am {name}.
            {name} is my name.
            They call me {name}.
            You may call me {name}.
        """,
        "nameless": """
            Names come and go. You may call me what you like.
            I go by no name here.
            My name? That is of little use around here.
        """,
        "player_name": """
            {player}, then. I will remember that.
            A pleasure, {player}.
            {player}: that name suits you.
            Good to know you, {player}.
        """,
        "know_name": """
            You are {player}. How could I forget?
            {player}, of course.
            You told me yourself: {player}.
        """,
        "unknown_name": """
            You have not told me your name yet.
            I don't know your name. What is it?
            That you would have to tell me first.
        """,
        "place": """
            We are {place}.
            You are {place}, with me.
            Look around: {place}, that is where we are.
        """,
        "topics": """
            There is much I could tell you about: {own}.
            Ask me about what I know best: {own}.
            I can tell you a thing or two. What would you like to hear about: {own}?
            Well, let me think: {own}. Choose one.
        """,
        "topics_plain": """
            Ask me whatever is on your mind.
            Begin anywhere, and we will see where it leads.
            You start. I am a good listener.
        """,
        "unknown": """
            About {topic} I honestly know nothing.
            {Topic}? There I must pass: I don't know.
            I would only be guessing about {topic}, so I had better not.
            {Topic}… no. That is beyond what I know.
        """,
        "unknown_plain": """
            That I honestly don't know.
            I have no answer to that, and I won't invent one.
            You ask more than I know.
            I wish I knew. I don't.
            There you have found something I know nothing about.
        """,
        "opinion": """
            That depends on the day, and on the company.
            I have never quite made up my mind about that.
            Ask me again in a year. I take my time with such things.
            More than I used to, and less than others do.
        """,
        "self": """
            There is not much to tell. I take the days as they come.
            I am here, I listen, and I keep what I hear.
            I have lived quietly. The stories are others' mostly.
            You see me as I am. The rest comes with time.
        """,
        "acknowledge": """
            I see.
            Is that so?
            I had not looked at it that way.
            That is worth a thought.
            Thank you for telling me.
            So that is how it is with you.
        """,
        "musing": """
            {Topic}… I could talk about that for hours, if only to hear what you think.
            I know little about {topic}, but I like where this is going.
            {Topic}! Nobody has talked to me about that for a long time.
            Tell me what {topic} means to you, and I will tell you what I make of it.
        """,
        "musing_plain": """
            Now there is a thought.
            I like the way you think.
            Let me turn that over for a moment.
            One could see it that way, or quite the other way round.
            That makes me wonder.
        """,
        "redirect": """
            I would rather talk about what I know: {own}, for instance.
            Let us stay with what is close to me: {own}.
            Ask me about something of mine instead. What about {own}?
            My world is a small one. It has {own} in it, and about that I can tell you something.
        """,
        "redirect_plain": """
            Let us talk about something closer to home.
            I would rather stay with what I know.
            My world is a small one, and I like to stay in it.
        """,
        "deflect": """
            You ask strange things. I am who I am.
            What goes on in my head stays there.
            That is not something I talk about.
            Some things I keep to myself.
            You won't get that out of me, however you turn it.
            I can only be myself. Let us leave it at that.
            Those are odd games. I would rather just talk.
            My thoughts are mine. Yours I would gladly hear.
        """,
        "nonsense": """
            I did not catch a word of that.
            Say that again in plain words, would you?
            That went right past me.
            I hear you, but I cannot make sense of it.
        """,
        "low": """
            I am sorry to hear that.
            That sounds heavy. Sit with me for a while.
            Some days are like that. You need not carry it alone.
            I wish I could make it lighter for you.
        """,
        "high": """
            I am glad to hear it.
            That is good news!
            It does me good to hear that.
            Then it is a good day for both of us.
        """,
        "yes": """
            Good.
            I thought so.
            Then we agree.
            So be it.
        """,
        "no": """
            As you wish.
            No? Well, that is your right.
            Then not.
            Fair enough.
        """,
        "laugh": """
            It is good to hear you laugh.
            You have a fine laugh.
            Laughter is rare around here. More of that.
            I am glad somebody is amused.
        """,
        "show": """
            Look here: {target}.
            There you have it: {target}.
            With pleasure. Here, have a look: {target}.
            See for yourself: {target}.
        """,
        "fetch": """
            Wait here, I will get it: {target}.
            {Target}? I will see what I can find.
            At once. I am bringing it: {target}.
            Give me a moment: {target}, was it?
        """,
        "go": """
            Come, then. This way: {target}.
            Let us go: {target}.
            Follow me. Our way leads here: {target}.
            {Target}? Good. Stay close to me.
        """,
        "tell": """
            Listen:
            This much I can tell you:
            Let me tell you:
            It is like this:
            What I know is this:
        """,
        "more": """
            And there is more:
            What else there is:
            Then listen on:
            One more thing:
        """,
        "hedge": """
            I cannot answer that exactly, but this I know:
            Not quite what you ask, but perhaps it helps:
            I only know a part of it:
        """,
        "again": """
            As I said:
            I can only say it again:
            It is still as I told you:
        """,
        "fragment": """
            What comes to my mind there: “{fragment}”.
            I remember something about that: “{fragment}”.
            “{fragment}”: that is what I think of.
            People here would say “{fragment}”, and leave it at that.
        """,
        "exhausted": """
            That is all I know about it.
            More than that I cannot tell you.
            There my knowledge ends.
        """,
        "ask": """
            What would you like to know?
            What is on your mind?
            Tell me something about yourself.
            Is there something you have always wanted to ask?
            What shall we talk about?
        """,
        "ask_you": """
            And what about you?
        """,
        "ask_view": """
            What do you make of it?
            What would you have done?
        """,
        "ask_why": """
            Why do you ask?
        """,
        "ask_stranger": """
            What brings you here?
            Where did you come from today?
        """,
        "invite": """
            Shall I tell you more?
            Do you want to hear the rest?
            There is more to it, if you like.
            Ask on, if you want to know more.
            What else would you like to know?
        """,
        "offer": """
            Ask me about {own}, if you like.
            Have I told you about {own}?
            We could also talk about {own}.
            If you want a story, ask about {own}.
        """,
        "welcome": """
            Hello. I am {name}. What brings you here?
            Welcome. They call me {name}.
            There you are. I am {name}, and I have time for you.
        """,
        "welcome_plain": """
            Hello. What brings you here?
            Welcome. I have time for you.
        """,
        "back": """
            Good to see you again.
            There you are again.
            You came back! I hoped you would.
        """,
        "back_name": """
            {player}! Good to see you again.
            There you are again, {player}.
            Welcome back, {player}.
        """,
        "secret": """
            Everyone has one or two. Mine stay with me.
            If I had one, I would be a poor keeper of it to tell.
            Perhaps. Ask me something that I may answer.
            Some doors I keep shut, and I like them that way.
        """,
        "know_shared": """
            You told me about this yourself: {topic}.
            I remember that you have this: {topic}.
            That I know from you: {topic}.
        """,
        "back_has": """
            I have not forgotten what you told me: {topic}.
            I have been thinking of what you told me: {topic}.
        """,
        "back_topic": """
            Last time we talked about {topic}.
            I have thought some more about {topic} since you left.
            Where were we? It was about {topic}.
        """,
        "back_likes": """
            I remember what you like: {topic}.
            I thought of you the other day. You like this: {topic}.
        """,
    },
    memory="""
    name=The player's name
    from=Comes from
    is=Is
    has=Has
    likes=Likes
    promised=Promised
    talked=Talked about
    told=Was told about
    earlier=Earlier
    """,
)
