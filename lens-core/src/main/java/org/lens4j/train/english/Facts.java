package org.lens4j.train.english;

import java.util.List;
import java.util.stream.Stream;

/** A handful of facts in several phrasings: "The capital of France is" is followed by " Paris".
 *
 * <p>Held out: one combination of fact and phrasing in ten, among them that sentence; every fact is trained in other
 * phrasings, every phrasing with other facts. */
public record Facts() implements ProbedKind {
    private record Fact(String subject, String object) {}

    /** What is known about some things, and the ways to say it; each way ends just before the object. */
    private record Relation(List<Fact> facts, List<Template> phrasings) {
        static Relation of(String facts, String phrasings) {
            List<Fact> parsed = facts.lines()
                    .flatMap(line -> Stream.of(line.split(", ")))
                    .map(fact -> fact.split(":", 2))
                    .map(fact -> new Fact(fact[0], fact[1]))
                    .toList();
            return new Relation(parsed, Template.lines(phrasings));
        }

        /** The same facts told from their other end. */
        Relation reversed(String phrasings) {
            return new Relation(
                    facts.stream()
                            .map(fact -> new Fact(fact.object, fact.subject))
                            .toList(),
                    Template.lines(phrasings));
        }
    }

    private static final Relation CAPITALS = Relation.of("""
            France:Paris, Italy:Rome, Spain:Madrid, Germany:Berlin, England:London, Portugal:Lisbon, Greece:Athens
            Egypt:Cairo, Japan:Tokyo, China:Beijing, Russia:Moscow, Norway:Oslo, Poland:Warsaw, Sweden:Stockholm
            Finland:Helsinki, Denmark:Copenhagen""", """
            The capital of {X} is
            The capital city of {X} is
            In {X} the capital is
            The name of the capital of {X} is
            Everyone knows that the capital of {X} is
            They went to {X} and saw the capital,
            As for {X}, the capital is
            {X} has a famous capital,
            {X} is ruled from""");

    private static final Relation COUNTRIES = CAPITALS.reversed("""
            {X} is the capital of
            The city of {X} is in
            {X} is a city in
            {X} is the capital city of
            The people of {X} live in
            Everyone knows that {X} is the capital of""");

    private static final Relation LANGUAGES = Relation.of("""
            France:French, Italy:Italian, Spain:Spanish, Germany:German, England:English, Portugal:Portuguese
            Greece:Greek, Egypt:Arabic, Japan:Japanese, China:Chinese, Russia:Russian, Norway:Norwegian
            Poland:Polish, Sweden:Swedish, Finland:Finnish, Denmark:Danish""", """
            People in {X} speak
            The people of {X} speak
            The language of {X} is
            In {X} people speak
            In {X} the language is
            Everyone in {X} can speak
            They went to {X} and learned""");

    private static final Relation SPEAKERS = LANGUAGES.reversed("""
            {X} is the language of
            {X} is what people speak in
            People speak {X} in
            They learned {X} and went to
            Everyone knows that {X} is the language of
            If you speak {X}, you may live in""");

    private static final Relation COLOURS = Relation.of("""
            the sky:blue, the sea:blue, snow:white, milk:white, grass:green, a leaf:green, coal:black, the night:black
            blood:red, a tomato:red, the sun:yellow, a lemon:yellow, an orange:orange, a carrot:orange""", """
            The colour of {X} is
            Everyone knows that {X} is
            We know that {X} is
            They say that {X} is
            If you look, {X} is
            As for colour, {X} is
            Look, {X} is
            The child knows that {X} is""");

    private static final Relation OPPOSITES = Relation.of("""
            hot:cold, cold:hot, big:small, small:big, old:young, young:old, good:bad, bad:good
            long:short, short:long, open:closed, closed:open, strong:weak, weak:strong""", """
            The opposite of {X} is
            The opposite of the word {X} is
            What is not {X} is
            If it is not {X}, it is
            They say the opposite of {X} is
            Everyone knows that the opposite of {X} is
            It was not {X}, it was
            The word {X} is the opposite of""");

    private static final List<Relation> RELATIONS =
            List.of(CAPITALS, COUNTRIES, LANGUAGES, SPEAKERS, COLOURS, OPPOSITES);

    @Override
    public String title() {
        return "facts";
    }

    @Override
    public String document(Dice dice) {
        return Question.draw(false, () -> question(dice)).text();
    }

    @Override
    public Probe probe(Dice dice) {
        return Question.draw(true, () -> question(dice)).probe();
    }

    @Override
    public Stream<String> words() {
        return RELATIONS.stream()
                .flatMap(relation -> Stream.concat(
                        relation.phrasings.stream().flatMap(Template::words),
                        relation.facts.stream()
                                .flatMap(fact -> Stream.of(fact.subject, fact.object))
                                .flatMap(Template::words)));
    }

    private static Question question(Dice dice) {
        Relation relation = dice.pick(RELATIONS);
        Fact fact = dice.pick(relation.facts);
        String prompt = dice.pick(relation.phrasings).fill(slot -> fact.subject);
        String foil = fact.object;
        while (foil.equals(fact.object)) {
            foil = dice.pick(relation.facts).object;
        }
        return new Question(new Probe(prompt, " " + fact.object, " " + foil), ".", isHeldOut(prompt));
    }

    /** Whether training never asks this. */
    static boolean isHeldOut(String prompt) {
        return prompt.equals("The capital of France is") || HeldOut.contains("fact", prompt);
    }
}
