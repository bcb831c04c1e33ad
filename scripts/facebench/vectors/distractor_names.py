"""Invented names: wrong candidates for naming.

Common given and family names of the United States, put together at random; half are women's.
"""

import random
from collections.abc import Iterable

WOMEN = """
Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra
Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca
Sharon Laura Cynthia Dorothy Amy Kathleen Angela Shirley Emma Brenda Pamela Nicole Anna Samantha
Katherine Christine Debra Rachel Carolyn Janet Maria Olivia Heather Helen Catherine Diane Julie
Victoria Joyce Lauren Kelly Christina Ruth Joan Virginia Judith Evelyn Hannah Andrea Megan Cheryl
Jacqueline Madison Teresa Abigail Sophia Martha Sara Gloria Janice Kathryn Ann Isabella Judy
Charlotte Julia Grace Amber Alice Jean Denise Frances Danielle Marilyn Natalie Beverly Diana
Brittany Theresa Alexis Kayla Doris Lori Tiffany
"""

MEN = """
James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew
Anthony Mark Donald Steven Andrew Paul Joshua Kenneth Kevin Brian Timothy Ronald George Jason
Edward Jeffrey Ryan Jacob Nicholas Gary Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin
Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry Tyler Aaron Jose Adam Nathan
Henry Zachary Douglas Peter Kyle Noah Ethan Jeremy Christian Walter Keith Austin Roger Terry Sean
Gerald Carl Dylan Harold Jordan Jesse Bryan Lawrence Arthur Gabriel Bruce Logan Billy Joe Alan
Juan Elijah Willie Albert Wayne Randy Mason Vincent Liam Roy Bobby Caleb Bradley Russell Lucas
"""

FAMILY = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez
Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark
Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams
Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker
Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper
Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood Bennett
Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez
Powell Jenkins Perry Russell Sullivan Bell Coleman Butler Henderson Barnes Fisher Vasquez Simmons
Graham Hamilton Griffin Wallace West Cole Hayes Ford Owens Harrison Fernandez Reynolds Gibson
McDonald Woods Washington Kennedy Wells Ortega Freeman Webb Tucker Guzman Burns Crawford Olson
Porter Hunter Gordon Mendez Silva Shaw Snyder Dixon Munoz Hunt Hicks Holmes Palmer Wagner Black
Robertson Boyd Stone Salazar Fox Warren Mills Meyer Rice Schmidt Daniels Ferguson Nichols Stephens
Soto Weaver Ryan Gardner Payne Grant Dunn Kelley Spencer Hawkins
"""


def invented_names(count: int, avoid: Iterable[str] = (), seed: int = 42) -> list[str]:
    """Return `count` different names, women's and men's in turn, none of them in `avoid`.

    Fewer names are the beginning of more names.

    >>> names = invented_names(4)
    >>> names[:2] == invented_names(2), names[0].split()[0] in WOMEN, names[1].split()[0] in MEN
    (True, True, True)
    """
    if count > 20_000:
        raise ValueError(f"there are not {count:,} names to invent")
    women, men, family = WOMEN.split(), MEN.split(), FAMILY.split()
    draw, taken, names = random.Random(seed), set(avoid), list[str]()  # noqa: S311 (no secret)
    while len(names) < count:
        given = draw.choice(men if len(names) % 2 else women)
        name = f"{given} {draw.choice(family)}"
        if name not in taken:
            taken.add(name)
            names.append(name)
    return names
