"""What people talk about at work and away from it, to tell an interview's talk from other talk.

Only the likeness in meaning to these is used; no wording is rewarded. The statements cover trades and
pastimes broadly, so that neither side stands for one kind of people.
"""

AT_WORK = (
    "At work my colleagues and I had a job to do, and our manager asked me to take care of it.",
    "I am responsible for a shift, a department or a project in my company.",
    "The patients on our ward needed care, and I told the doctor and the nurses.",
    "The customers and guests complained, and I looked for an offer that would help them.",
    "In my class the pupils did not understand it, so I taught the lesson in another way.",
    "I repaired the machine in the workshop and checked the safety rules and the tools.",
    "We had orders to deliver from the warehouse, and the lorry was late.",
    "I analysed the figures in the spreadsheet and wrote a report with my results.",
    "Our software had an error, and I changed the program and tested it.",
    "In the kitchen of the restaurant we prepared the service for the evening.",
    "I applied for this job because of my training, my skills and what I have done so far.",
    "I proposed it to my boss, and the staff do it that way now.",
)
ELSEWHERE = (
    "We went on holiday to the sea and stayed in a tent, and the weather was beautiful.",
    "Cut the onions, fry them in butter, add the sauce and let it cook for half an hour.",
    "Our team scored a goal in the second half and won the match.",
    "My dog, my cat and the garden with its flowers and bees are what I care for at home.",
    "It is a film about a man who falls in love, and in the end he dies.",
    "I play an instrument, and the band gave a concert in the evening.",
    "My family celebrated a birthday, and my grandmother and my brother came to visit.",
    "We painted our flat and put up new furniture in the living room.",
    "I knit, paint and collect things as a hobby.",
    "I run, swim and ride my bicycle on Sundays, and we climbed a mountain.",
    "The traffic was terrible, so I took the train and looked out of the window.",
    "The forest, the lake and the birds are quiet in the morning.",
)
