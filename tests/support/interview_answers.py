"""Interview answers written for tests: to each question a good, a fair, a vague and a rambling one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answers:
    """One question, what it is asked for, and four answers of falling worth.

    `vague` stays on the subject without saying anything; `rambling` leaves it.
    """

    question: str
    competencies: tuple[str, ...]
    good: str
    fair: str
    vague: str
    rambling: str


CONFLICT = Answers(
    question="Tell me about a time you disagreed with a colleague. How did you handle it?",
    competencies=("Communication", "Teamwork"),
    good=(
        "At my last company I disagreed with our lead designer about the checkout page. She wanted three "
        "steps, and I thought one step would lose fewer customers. Instead of arguing in the meeting, I "
        "asked her for thirty minutes and listened to her reasons first. Then I suggested that we test "
        "both versions. I built the second version in two days and we ran it for two weeks with ten "
        "thousand visitors. The single page converted eight percent better, but her version had fewer "
        "payment errors, so we combined them. As a result errors fell by a third, and she and I still "
        "review each other's work because we learned to bring data to a disagreement."
    ),
    fair=(
        "Once I disagreed with a colleague about how we should plan our releases. He wanted to release "
        "every month and I wanted to release every week, because customers were waiting for fixes. We "
        "talked about it and I explained my reasons to him. In the end we agreed to try it every two "
        "weeks, and that worked well for both of us. I think it is important to listen to each other."
    ),
    vague=(
        "Well, I think disagreements happen everywhere, you know, and it is always important to kind of "
        "communicate. I would say I am a people person, so I usually just try to talk with everyone and be "
        "positive. Communication is basically the key to everything. You have to respect people and their "
        "opinions, and I guess sort of find a solution that is good for everyone. I am always very open to "
        "other opinions and things like that, so I maybe never really have big problems with anybody."
    ),
    rambling=(
        "So um, yeah, that reminds me, the canteen in our office was on the fourth floor, and the view was "
        "nice there. I usually had soup on Mondays. My brother also likes soup, he lives near the lake "
        "with two dogs now, and the weather is better over there I guess. Anyway, the traffic in the "
        "morning was terrible, so I started to take the train, and on the train you can read a lot of "
        "books or look out of the window. I don't know, I like books about travelling, and stuff like that."
    ),
)

OUTAGE = Answers(
    question="Describe a difficult technical problem that you solved.",
    competencies=("Problem solving", "Python"),
    good=(
        "Last year our Python payment service began to time out every night at around two o'clock. I was "
        "responsible for the service, so I started by collecting traces for three nights and saw that all "
        "slow requests waited for the same database lock. The cause was a cleanup job that deleted two "
        "million rows in a single transaction. I rewrote the job so that it deleted five thousand rows at "
        "a time and slept between batches, and I added an alert on lock waits. After that the timeouts "
        "disappeared, the nightly run took twelve minutes instead of forty, and I wrote a short guide so "
        "that other teams would avoid the same mistake."
    ),
    fair=(
        "There was a problem with our application because it was slow for some of the users. I looked at "
        "the logs and found out that the database queries took a long time. I added an index to the table "
        "and changed some of the Python code, and then the pages loaded faster. My manager was happy with "
        "the result. It took about a week, and I learned how to read query plans."
    ),
    vague=(
        "I have solved many difficult problems in my career, and I am really passionate about technology. "
        "When there is a problem I always try to think about it from different sides and find the best "
        "solution. I think problem solving is one of my biggest strengths, and everyone says that about "
        "me. Technology is changing all the time, so you always have to keep learning new things, and it "
        "is important to be flexible and to work hard. So yeah, I would say I always find a way in the "
        "end, somehow."
    ),
    rambling=(
        "Hmm, difficult, well, this week it was difficult to find a parking space, because there was a "
        "market in the street and they sold flowers and cheese. I bought some tulips for my mother. She "
        "has a garden, and the garden is quite big, with an apple tree. In summer we sit there and my "
        "cousins come and bring their children, and we play cards until it is dark. Honestly I like summer "
        "more than winter, but winter is also nice if there is snow, I guess."
    ),
)

LEADERSHIP = Answers(
    question="Can you give an example of how you led a team through a change?",
    competencies=("Leadership", "Communication"),
    good=(
        "When our hospital moved from paper charts to electronic records, I led the twelve nurses on my "
        "ward through the change. Most of them were worried that it would slow them down. First I asked "
        "two nurses who enjoyed computers to become trainers, and I rearranged the shifts so that "
        "everybody had four hours of practice. Every morning I held a ten minute meeting where people "
        "could say what went wrong, and I passed the list to the software team the same day. After six "
        "weeks, we were the first ward that worked without paper, and medication errors dropped from nine "
        "to two a month."
    ),
    fair=(
        "I was a shift leader in a warehouse when we got new scanners. My team did not like them at first. "
        "I showed them how the scanners worked and I answered their questions. Some people needed more "
        "time than others, so I helped them during the breaks. After some weeks everybody used the "
        "scanners and the work was faster than before."
    ),
    vague=(
        "I believe leadership is all about people. A good leader leads from the front and inspires people, "
        "and I am definitely that kind of leader. Change is the only constant in life, as they say, so "
        "teams just have to be open. I always motivate my team and I always have an open door for "
        "everybody. In general, you know, I try to bring everybody along and to create a positive "
        "atmosphere, because a happy team is a good team. I think that is really the most important thing "
        "about leading a team through changes."
    ),
    rambling=(
        "I changed my phone recently and it was such a long story. The shop had only the blue one, and I "
        "wanted the black one, but then my friend said that blue is nicer. She has had the same phone for "
        "years. We went for a coffee after that and met her neighbour, who is a singer, or maybe a dancer, "
        "I am not sure. They are building a new bridge there and it is very loud all day. I would like to "
        "live somewhere more quiet, perhaps near a forest."
    ),
)

CUSTOMER = Answers(
    question="How do you deal with an angry customer?",
    competencies=("Customer focus", "Communication"),
    good=(
        "I let the customer finish first, because an interrupted customer only gets louder. Then I repeat "
        "the problem in my own words, so that they know I understood it, and I say what I will do and by "
        "when. For example, in my job at a hotel a guest shouted at me because his room wasn't ready at "
        "four. I apologized, called housekeeping in front of him, and learned that it would take twenty "
        "minutes. I offered him the lounge and a free dinner, and I carried the key to him myself after "
        "fifteen minutes. He later wrote a five star review that mentioned my name, and I proposed that we "
        "text guests when rooms are late, which cut complaints by half."
    ),
    fair=(
        "When a customer is angry I stay calm and listen to him. I try to understand what the problem is "
        "and then I look for a solution, for example a refund or a new product. If I can't solve it by "
        "myself I ask my manager for help. Once a customer was angry because her order arrived late, and I "
        "gave her a discount on the next order, and then she was satisfied."
    ),
    vague=(
        "The customer is king, that is what I always say. I am very friendly with customers and I really "
        "love to work with people. If somebody is angry you should just stay positive and smile, because a "
        "smile can change everything. I think I have a good feeling for people, so normally customers are "
        "not angry with me, or maybe only sometimes. Service is very important in every company, and every "
        "customer is important and should always feel very welcome and be happy."
    ),
    rambling=(
        "Yesterday evening I watched a film about penguins, and it was really interesting, because they "
        "walk for so many days over the ice. I would not like to do that, it is too cold for me. My "
        "grandmother had a coat that was very warm, but somebody lost it when they moved to the other "
        "house. That house was yellow. I think it was sold again, and now there is a dentist, or something "
        "like that, and you can park behind it, which is quite useful on Saturdays."
    ),
)

DEADLINE = Answers(
    question="Tell me about a situation in which you had to meet a tight deadline.",
    competencies=("Time management", "Planning"),
    good=(
        "In March our biggest client moved the date of a trade fair forward, so we had nine days instead "
        "of three weeks to produce their catalogue. I made a list of all forty pages and sorted them by "
        "what the client could not do without. Then I agreed with the client to move the price tables "
        "online, which took twelve pages out of print. I split the rest between two designers and myself, "
        "and we checked the state every day at noon. We sent the files to the printer one day early. The "
        "client ordered the next catalogue from us too, and since then I always ask what may be dropped "
        "before I ask for more people."
    ),
    fair=(
        "At university we had to finish a big project in a very short time because one member left the "
        "group. I made a plan and we divided the work again. We worked in the evenings and on the weekend, "
        "and I checked that everybody was on time. We finished the project on the last day and got a good "
        "grade for it. It was stressful but I learned to plan earlier."
    ),
    vague=(
        "I work very well under pressure, and deadlines are not a problem for me at all. In today's world "
        "everything has to be fast, so you need good time management and you have to set priorities. I am "
        "a very organized person and I always do my best to finish everything on time. Sometimes it is "
        "stressful, of course, but that is normal, I guess, and in the end it always works out somehow. I "
        "think being organized is kind of the most important thing when there are deadlines."
    ),
    rambling=(
        "My alarm clock is very old, and it does this funny noise, like a bird but not really like a bird. "
        "I got it from my uncle, who used to repair radios in a small shop with a green door. The shop is "
        "gone now. There is an ice cream place, and they have pistachio, which is my favourite. Last time "
        "it was full of tourists. I once went to Rome as a tourist and lost my sunglasses at a fountain, "
        "and the pigeons there are not afraid of anybody."
    ),
)

CACHING = Answers(
    question="What is caching, and when would you use it?",
    competencies=("System design", "Technical knowledge"),
    good=(
        "Caching means keeping a copy of a result close to where it is needed, so that you don't compute "
        "or fetch it again. I use it when the same data is read much more often than it changes and when a "
        "slightly old value is acceptable. For example, our product page read prices from Postgres for "
        "every visitor, about four hundred times a second. I put the prices into Redis with a lifetime of "
        "sixty seconds, and the load on the database fell by ninety percent. The difficult part is "
        "invalidation, because a stale price costs money, so we deleted the key whenever an editor saved a "
        "price. I would not cache data that differs for each user or must be exact, such as an account "
        "balance."
    ),
    fair=(
        "Caching is when you store data in memory so that you can get it faster the next time. You would "
        "use it when a database query is slow or when a lot of users ask for the same thing. For example, "
        "you can cache a web page in the browser. But you have to be careful because the data in the cache "
        "can be old, so you need to set a time when it expires."
    ),
    vague=(
        "Caching is a very important topic in computer science, and everybody should know about it. It is "
        "used basically everywhere nowadays, in many different systems, and it makes things better and "
        "more modern. I have worked with caching a lot of times and in many projects. It depends on the "
        "situation, of course, whether you would use it or not, but in general I would say it is good to "
        "use it, because performance is always very important for users and for the company, and things "
        "like that."
    ),
    rambling=(
        "I was never good at remembering birthdays, so my sister put a calendar in the kitchen with all "
        "the names on it. It has pictures of lighthouses. This month it is one in Portugal, I believe, "
        "with big waves. We wanted to go there by car, but then the car made a strange noise and we stayed "
        "at home and painted the hallway instead. The colour was supposed to be sand, but it looks more "
        "like a banana. My neighbours laughed about it, and they are nice people."
    ),
)

MISTAKE = Answers(
    question="Tell me about a mistake you made at work and what you learned from it.",
    competencies=("Accountability", "Learning"),
    good=(
        "Two years ago I sent a newsletter with a wrong discount code to sixty thousand subscribers. I "
        "noticed it eight minutes later, when the first customer replied. I told my manager at once, "
        "instead of hoping that nobody would see it. Then I asked our developer to make the wrong code "
        "work as well, which took half an hour, so that no customer lost the offer. In the evening I wrote "
        "down how it happened: I had copied an old template and nobody checked the links. Since then every "
        "campaign goes to a test list of five people first, and we have a checklist with eleven points. We "
        "haven't had a wrong code in the hundred campaigns since."
    ),
    fair=(
        "In my first job I forgot to save a copy of an important file and then the computer crashed. I had "
        "to write the report again and it was delivered a day late. I apologized to my boss and explained "
        "what happened. I learned that I must make backups, and now I save my files in the cloud every "
        "day. Since then I have not lost any document."
    ),
    vague=(
        "Everybody makes mistakes, nobody is perfect, and I think mistakes are there to learn from them. I "
        "am a perfectionist, so maybe my biggest mistake is that I sometimes work too hard and care too "
        "much about details. I always try to do better the next time, and I never make a mistake twice. It "
        "is important to be honest and to look forward, you know, and not to blame others. So I would say "
        "that mistakes make us stronger in general."
    ),
    rambling=(
        "The elevator in our building was repaired by two men who sang all day, and their songs were in a "
        "language I did not know. They had a little dog that slept on a blanket. My daughter wanted to "
        "have a dog after that, but we have only a small flat, so we bought a fish. The fish is orange and "
        "it is called Captain. It eats twice a day. In the pet shop they also had parrots, and one of them "
        "could whistle, which was funny for about five minutes."
    ),
)

MOTIVATION = Answers(
    question="Why do you want to work for us?",
    competencies=("Motivation",),
    good=(
        "I want to work for you because you build the software that I used every day as a dispatcher in an "
        "ambulance station. For three years I entered about fifty calls per shift into your system, and I "
        "still remember the release that put the map beside the call, because it saved us roughly twenty "
        "seconds on each one. After that I started to study computer science in the evenings. I finished "
        "last summer with a project that predicts how long an ambulance is busy. Your job description "
        "mentions exactly that, routing and forecasting, so I could bring both the code and the view of "
        "the people who use it at four in the morning."
    ),
    fair=(
        "I want to work here because your company has a good reputation and I like your products. I have "
        "used your app for two years. I studied marketing, and I did an internship in a similar company, "
        "so I think that I can help your team. I also like that you are an international company, because "
        "I speak English and German and I want to use them at work."
    ),
    vague=(
        "I have heard a lot of good things about your company, and I think it is a great company with "
        "great people. I am looking for a new challenge where I can grow and develop myself. I am very "
        "motivated and a fast learner, and I think we would be a perfect match. It is important for me to "
        "have a good atmosphere and nice colleagues, and I am sure that this is the case here. So "
        "basically I just want to be a part of it and give one hundred percent."
    ),
    rambling=(
        "On the way here there was a man with a tuba in the underground, and he played quite well, I must "
        "say. I had piano lessons as a child, but the teacher was strict and her cat sat on the piano. The "
        "cat was called Minister. I stopped after a year or two and started swimming, which was better, "
        "but the water was always cold. These days I mostly watch quiz shows in the evening. There was a "
        "question about volcanoes yesterday and nobody knew the answer."
    ),
)

EVERY_SET = (CONFLICT, OUTAGE, LEADERSHIP, CUSTOMER, DEADLINE, CACHING, MISTAKE, MOTIVATION)
"""All of them were looked at while the rubric's numbers were chosen: they guard it, and don't measure it."""

STUFFED = (
    "Leadership teamwork communication problem solving Python Kafka cloud agile scrum results driven "
    "leadership stakeholder management customer focus innovation strategy planning accountability teamwork "
    "leadership result percent million project deadline success motivation passion communication quality "
    "excellence growth synergy."
)
FILLER = (
    "Um, so, yeah, well, you know, it's like, um, I mean, it's kind of, you know, like, sort of a thing, "
    "and, uh, then, well, I guess, you know, basically, like, um, things just, sort of, you know, happen, "
    "and, uh, yeah. "
) * 12
