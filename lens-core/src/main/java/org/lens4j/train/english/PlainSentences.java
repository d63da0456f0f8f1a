package org.lens4j.train.english;

import java.util.List;
import java.util.stream.Stream;

/** Plain short stories about at most one person, so that the rest of the text looks like small English. */
public record PlainSentences() implements SentenceKind {
    private static final List<String> ANIMALS = Lexicon.words("dog cat bird horse cow duck rabbit");
    private static final List<String> WEATHERS = Lexicon.words("warm cold hot bright quiet good bad");

    private static final List<Template> SCENES = Template.lines("""
            It was a {W} day.
            It was a {W} morning near the {P}.
            The weather was {W} again.
            The {P} was closed, so nobody was there.
            The {P} was open and many people were there.
            Once there was a {M} {D} near the {P}.
            One day a {D} ran past the {P}.
            A {M} {D} slept in front of the {P}.
            The {D} looked at the {E}, but the {E} ran home.
            There was a {O} on the table.
            The {O} was at the {P} again.""");

    private static final List<Template> STORIES = Template.lines("""
            {N} went to the {P} and bought a {O}.
            {N} lost a {O} near the {P}. It was at the {Q} all the time.
            {N} has a {D}. The {D} is very {M}.
            {N} was very {M} and wanted to go home.
            One day {N} saw a {M} {D} at the {P}. It ran to {N} and sat down.
            Yesterday {N} was at the {P}. Today {N} is at the {Q}.
            In the morning {N} walked to the {P}, but it was closed.
            {N} likes the {P} because it is {W} there.
            {N} put the {O} on the table and went to the {P}.""");

    @Override
    public String title() {
        return "plain sentences";
    }

    @Override
    public String document(Dice dice) {
        String name = dice.pick(Lexicon.NAMES);
        String story = fill(dice.pick(STORIES), dice, name);
        return switch (dice.below(3)) {
            case 0 -> story;
            case 1 -> scene(dice) + " " + story;
            default -> scene(dice) + " " + story + " " + scene(dice);
        };
    }

    /** One sentence that names nobody; it may stand before any other. */
    String scene(Dice dice) {
        return fill(dice.pick(SCENES), dice, "");
    }

    @Override
    public Stream<String> words() {
        Stream<String> templates =
                Stream.of(SCENES, STORIES).flatMap(List::stream).flatMap(Template::words);
        Stream<String> lists = Stream.of(
                        ANIMALS, WEATHERS, Lexicon.NAMES, Lexicon.PLACES, Lexicon.OBJECTS, Lexicon.MOODS)
                .flatMap(List::stream);
        return Stream.concat(templates, lists);
    }

    private static String fill(Template template, Dice dice, String name) {
        String animal = dice.pick(ANIMALS);
        String otherAnimal = dice.pickOther(ANIMALS, animal);
        String place = dice.pick(Lexicon.PLACES);
        String otherPlace = dice.pickOther(Lexicon.PLACES, place);
        String object = dice.pick(Lexicon.OBJECTS);
        return template.fill(slot -> switch (slot) {
            case 'N' -> name;
            case 'D' -> animal;
            case 'E' -> otherAnimal;
            case 'P' -> place;
            case 'Q' -> otherPlace;
            case 'O' -> object;
            case 'W' -> dice.pick(WEATHERS);
            default -> dice.pick(Lexicon.MOODS);
        });
    }
}
