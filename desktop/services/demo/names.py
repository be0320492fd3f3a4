"""Given and family names by language, as people write them themselves.

A name in another script than Latin carries its usual romanisation after a slash, which its owner uses in an
e-mail address. All combinations are invented; nobody in particular is meant.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How people of one language are called. ``share`` is their weight among everybody; ``region`` is where
    they mostly live; ``calling_code`` is that of their telephones; ``pattern`` orders the parts."""

    region: str
    share: int
    calling_code: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    pattern: str = "{given} {family}"


def _language(region: str, share: int, code: str, given: str, family: str, pattern: str = "") -> Language:
    return Language(
        region,
        share,
        code,
        tuple(given.split()),
        tuple(family.split()),
        pattern or "{given} {family}",
    )


LANGUAGES = (
    _language(
        "india",
        170,
        "91",
        "Aarav Aditi Aditya Akash Amit Ananya Anjali Ankita Arjun Arnav Avni Deepak Devika Dhruv Diya Gaurav Harsh "
        "Ishaan Ishita Jaya Kabir Karan Kavita Kiara Kunal Manish Meera Mohit Myra Naina Neha Nikhil Nisha Parth "
        "Pooja Pranav Priya Rahul Riya Rohan Sakshi Sameer Sanjana Shreya Siddharth Simran Sneha Tanvi Varun "
        "Vihaan Vikram Yash Zara",
        "Agarwal Ahuja Arora Bansal Bhatia Bhatt Chauhan Chopra Dubey Garg Goyal Gupta Jain Jha Joshi Kapoor "
        "Khanna Kulkarni Malhotra Mathur Mehra Mehta Mishra Pandey Rastogi Saxena Sethi Shah Sharma Shukla Singh "
        "Sinha Srivastava Tandon Tiwari Trivedi Tyagi Verma Vyas Yadav",
    ),
    _language(
        "india",
        170,
        "91",
        "Abhinav Aishwarya Anand Anitha Aparna Arun Ashwin Bhavana Chaitra Chandana Deepa Divya Ganesh Gayathri Girish "
        "Hari Harini Hema Indira Janani Karthik Kavya Keerthana Kiran Lakshmi Lavanya Madhavan Madhuri Mahesh Manasa "
        "Meenakshi Naveen Nithya Padma Prakash Pradeep Raghav Rajesh Ramya Ranjith Revathi Rohini Sandhya Sanjay "
        "Shwetha Sindhu Srinivas Sudha Suresh Swathi Usha Varsha Vidya Vijay Vinod Vishnu",
        "Achar Acharya Aiyar Balakrishnan Bhat Chandrasekhar Gowda Hegde Iyengar Iyer Jayaraman Kamath Karanth "
        "Krishnamurthy Krishnan Kurup Mahadevan Menon Murthy Nair Naidu Nambiar Narayanan Natarajan Pai Pillai Prabhu "
        "Raghavan Rajan Ramachandran Raman Ramaswamy Rao Reddy Sastry Seshadri Shenoy Shetty Subramaniam Sundaram "
        "Swaminathan Varma Vasudevan Venkatesan Warrier",
    ),
    _language(
        "india",
        80,
        "91",
        "Abhijit Anirban Arpita Barnali Debjani Gargi Indranil Joydeep Koel Madhumita Mitali Nilanjana Paromita Partha "
        "Rituparna Sandip Shreyasi Sohini Soumitra Subhash Sudeshna Tanmoy Tapas Vaishali Amruta Bhushan Gauri "
        "Ketaki Mandar Mugdha Omkar Prajakta Sayali Shantanu Swapnil Tejas Vrushali",
        "Banerjee Basu Bhattacharya Bose Chakraborty Chatterjee Dasgupta Das Dey Ganguly Ghosh Mukherjee Nandi Paul "
        "Roy Sarkar Sen Apte Bhave Chitale Deshmukh Deshpande Gadgil Gokhale Jadhav Joglekar Kelkar More Pawar Phadke "
        "Ranade Sathe Shinde Tambe",
    ),
    _language(
        "india",
        50,
        "91",
        "Aaliya Adnan Ayesha Danish Faiza Farhan Hina Imran Irfan Nadia Nasreen Rehan Rukhsana Saba Salman Sana "
        "Shabana Tariq Yusuf Zainab Gurpreet Harjot Jasleen Mandeep Navjot Parminder Anu Binu Jincy Jobin Sheeba Tom",
        "Ahmed Ansari Baig Hussain Khan Mirza Pathan Qureshi Shaikh Siddiqui Bajwa Dhillon Gill Grewal Sandhu Sidhu "
        "Chacko Cherian Jacob Kurian Mathew Philip Thomas Varghese D’Souza Fernandes Lobo Pinto Rodrigues",
    ),
    _language(
        "india",
        4,
        "91",
        "प्रिया/priya राहुल/rahul अनन्या/ananya विकास/vikas मीरा/meera आरव/aarav",
        "शर्मा/sharma वर्मा/varma मिश्रा/mishra जोशी/joshi देशपांडे/deshpande",
    ),
    _language(
        "india",
        3,
        "91",
        "அனிதா/anitha கார்த்திக்/karthik மாலதி/malathi இளங்கோ/ilango",
        "முருகன்/murugan செல்வம்/selvam",
    ),
    _language(
        "india", 3, "91", "ಅನಂತ/ananta ಸುಮಾ/suma ಪ್ರಕಾಶ/prakash ಚೈತ್ರಾ/chaitra", "ರಾವ್/rao ಗೌಡ/gowda ಹೆಗಡೆ/hegde"
    ),
    _language(
        "anglophone",
        90,
        "44",
        "Abigail Alice Amelia Ben Callum Charlotte Chloe Daniel Eleanor Emily Ethan Freya George Grace Hannah Harry "
        "Imogen Isla Jack James Jess Joseph Katie Leo Lily Lucy Matthew Megan Molly Nathan Oliver Oscar Poppy Rachel "
        "Rosie Ruby Sam Sophie Thomas Toby William Zachary",
        "Adams Bailey Baker Bennett Brooks Carter Clarke Collins Cooper Davies Edwards Ellis Evans Foster Graham "
        "Harding Harris Hughes Jenkins Kelly Lewis MacDonald Marshall Mitchell Morgan Morris O'Connor O'Neill "
        "Parker Patterson Phillips Reed Roberts Robinson Shaw Simmons Taylor Turner Walker Ward Watson Whitaker",
    ),
    _language(
        "europe",
        22,
        "353",
        "Aoife Caoimhe Ciarán Éabha Eoin Fionn Gráinne Niamh Oisín Róisín Saoirse Seán Siobhán Tadhg Tomás",
        "Breathnach Byrne MacMahon Murphy Ní-Dhomhnaill Nolan O'Sullivan Ó-Briain Ó-Súilleabháin Walsh",
    ),
    _language(
        "europe",
        70,
        "41",
        "Anneliese Björn Christoph Dörte Elias Fabienne Florian Frieder Günther Hannes Heike Ilse Jörg Jürgen Käthe "
        "Lena Leonie Lukas Marlene Matthias Moritz Noemi Regula Reto Rösli Rüdiger Sabine Sören Ueli Ursina Vreni "
        "Walter Wiebke",
        "Aebischer Ammann Baumgärtner Böhm Bürki Brunner Gerber Grünwald Hofstätter Hürlimann Huber Keller Krüger "
        "Kübler Lüthi Meier Müller Nägeli Oberholzer Pfäffli Rüegg Schäfer Schönberg Schmid Steiner Strauß Stüssi "
        "Weiß Wüthrich Zbinden Zürcher",
    ),
    _language(
        "europe",
        50,
        "33",
        "Adèle Aurélie Benoît Camille Chloé Clémence Élodie Étienne François Gaëlle Hélène Inès Jérôme Loïc Maëlle "
        "Margaux Mathéo Noémie Océane Rémi Solène Théo Thérèse Zoé",
        "Beaumont Béranger Bonnet Châtelain D’Ailly Delacroix Dubois Durand Fontaine Lefèvre L’Hermite Mercier Moreau "
        "Pelletier Renard Rousseau Sénéchal Thibault Vallée",
    ),
    _language(
        "latin",
        55,
        "34",
        "Álvaro Ana Andrés Begoña Carmen Concepción Diego Elena Emilio Francisca Gonzalo Inés Íñigo Iván Jesús "
        "Joaquín José Lucía Luis María Martín Nuria Óscar Pilar Rafa Raúl Rocío Sofía Úrsula Verónica Ximena Yolanda",
        "Álvarez Castro Díaz Domínguez Fernández Gómez González Gutiérrez Hernández Ibáñez Jiménez López Márquez "
        "Martínez Muñoz Núñez Ordóñez Peña Pérez Ramírez Rodríguez Ruiz Sáez Sánchez Suárez Vázquez Yáñez Zúñiga",
    ),
    _language(
        "latin",
        75,
        "55",
        "Adriana André Antônio Beatriz Bruno Caio Camila Cauã Cecília Conceição Davi Débora Fabrício Fernanda Flávio "
        "Gabriela Gonçalo Heloísa Inês Isabela João Joaquim Júlia Letícia Luís Luzia Marcos Mariana Marta Mateus "
        "Nélson Otávio Paula Renata Rogério Sílvia Tânia Thaís Tomé Vinícius Vitória",
        "Almeida Araújo Azevedo Barbosa Brandão Cardoso Carvalho Cavalcânti Conceição Corrêa da-Silva de-Sá do-Prado "
        "dos-Santos Esteves Fernandes Ferrão Figueirôa Galvão Gonçalves Leitão Magalhães Mendonça Moraes Nóbrega "
        "Paixão Pereira Queirós Ribeiro Simões Souza Teixeira Vasconcelos",
    ),
    _language(
        "europe",
        28,
        "48",
        "Agnieszka Aleksandra Bartłomiej Błażej Bożena Grażyna Jędrzej Joanna Katarzyna Łucja Łukasz Małgorzata "
        "Michał Paweł Przemysław Rafał Stanisław Świętosława Wojciech Zbigniew Żaneta",
        "Bąk Dąbrowski Gałązka Głowacki Jabłoński Kamiński Kowalczyk Król Lewandowska Łuczak Nowak Piątek Ściborska "
        "Szczęsny Wiśniewska Wójcik Wróbel Zając Żurek",
    ),
    _language(
        "europe",
        20,
        "46",
        "Åsa Anders Astrid Elin Göran Håkan Ingrid Jørgen Kåre Lars Mårten Märta Nils Øyvind Pär Sigrid Søren Solveig",
        "Åkesson Ångström Bergström Bjørnstad Dahl Ekström Fløysvik Håkansson Lindqvist Løvås Nyström Ødegård "
        "Öberg Sjöström Sørensen",
    ),
    _language(
        "europe",
        8,
        "354",
        "Ásdís Björk Einar Guðrún Halldór Jón Kristín Ólafur Sigríður Þóra Þorsteinn Ævar",
        "Björnsdóttir Einarsson Guðmundsdóttir Gunnarsson Jónsdóttir Ólafsson Sigurðardóttir Þórðarson Ægisdóttir",
    ),
    _language(
        "europe",
        20,
        "90",
        "Ayşe Barış Çağla Dilek Elif Emre Ezgi Gökçe Gülşah Hüseyin Işıl İbrahim İpek Kıvanç Mehmet Ömer Özlem "
        "Şebnem Tuğçe Ümit Yiğit Zeynep",
        "Acar Akyıldız Aydın Çelik Çınar Demir Doğan Erdoğdu Güneş Işık Kılıç Koç Öztürk Şahin Şimşek Tunç Yıldırım "
        "Yılmaz",
    ),
    _language(
        "europe",
        16,
        "420",
        "Božena Dušan Eliška František Jiří Kateřina Ladislav Lucie Ondřej Radoslav Růžena Šárka Tomáš Věra Zdeněk "
        "Željka",
        "Černý Dvořák Havránek Horváthová Kovačević Krejčí Němcová Novák Procházka Říha Šimůnek Svobodová Žižka",
    ),
    _language(
        "europe",
        10,
        "36",
        "Ágnes András Borbála Csaba Dezső Eszter Győző János Károly László Márta Orsolya Sándor Zsófia",
        "Balogh Erdős Fülöp Horváth Kőszegi Nagy Szőke Szűcs Tóth Vörös",
        "{family} {given}",
    ),
    _language(
        "europe",
        8,
        "380",
        "Олена/olena Тарас/taras Наталія/nataliia Дмитро/dmytro Ірина/iryna Богдан/bohdan",
        "Шевченко/shevchenko Коваленко/kovalenko Бондар/bondar Мельник/melnyk Лисенко/lysenko",
    ),
    _language(
        "europe",
        4,
        "30",
        "Ελένη/eleni Κατερίνα/katerina Μαρία/maria",
        "Παπαδοπούλου/papadopoulou Νικολάου/nikolaou",
    ),
    _language(
        "gulf",
        48,
        "971",
        "محمد/mohammed أحمد/ahmed فاطمة/fatima عائشة/aisha خالد/khalid مريم/maryam عمر/omar نورة/noura سعيد/saeed "
        "هند/hind يوسف/yousef ليلى/layla راشد/rashid شيخة/shaikha حمدان/hamdan سلمى/salma",
        "العلي/alali المنصوري/almansoori الهاشمي/alhashimi حداد/haddad النعيمي/alnuaimi السويدي/alsuwaidi "
        "الكعبي/alkaabi خوري/khoury المزروعي/almazrouei الشامسي/alshamsi القاسمي/alqasimi منصور/mansour",
    ),
    _language(
        "gulf",
        30,
        "971",
        "Amira Bassam Dalia Farah Hadi Iman Jana Karim Lina Mahmoud Maya Nabil Omar Rania Samir Tala Walid Yara Ziad",
        "Abboud Aoun Barakat Chehab El-Khatib Farouk Ghanem Haddad Jaber Khalil Maalouf Nasser Obeid Rahhal Saleh "
        "Tannous Zein",
    ),
    _language(
        "gulf",
        10,
        "972",
        "נועה/noa איתן/eitan תמר/tamar יונתן/yonatan שירה/shira דוד/david מיכל/michal אורי/uri",
        "כהן/cohen לוי/levi מזרחי/mizrahi פרץ/peretz ביטון/biton אברהם/avraham",
    ),
    _language(
        "asia",
        26,
        "86",
        "雷/lei 伟/wei 芳/fang 娜/na 敏/min 静/jing 丽/li 强/qiang 磊/lei 洋/yang 艳/yan 勇/yong 杰/jie 涛/tao 明/ming "
        "秀英/xiuying 晓明/xiaoming 佳怡/jiayi 梓涵/zihan 雨桐/yutong",
        "李/li 王/wang 张/zhang 刘/liu 陈/chen 杨/yang 赵/zhao 黄/huang 周/zhou 吴/wu 徐/xu 孙/sun"
        " 欧阳/ouyang 诸葛/zhuge",
        "{family} {given}",
    ),
    _language(
        "asia",
        18,
        "81",
        "花子/hanako 太郎/taro 美咲/misaki 翔太/shota さくら/sakura 健一/kenichi 陽菜/hina 大輔/daisuke"
        " 結衣/yui 蓮/ren",
        "佐藤/sato 鈴木/suzuki 高橋/takahashi 田中/tanaka 渡辺/watanabe 伊藤/ito 山本/yamamoto"
        " 中村/nakamura 小林/kobayashi",
        "{family} {given}",
    ),
    _language(
        "asia",
        14,
        "82",
        "민준/minjun 서연/seoyeon 지우/jiwoo 하은/haeun 도윤/doyun 수빈/subin 예준/yejun 지민/jimin 은서/eunseo",
        "김/kim 이/lee 박/park 최/choi 정/jung 강/kang 조/cho 윤/yoon 장/jang",
        "{family}{given}",
    ),
    _language(
        "asia",
        20,
        "84",
        "Ánh Bảo Dũng Đạt Đức Giang Hải Hằng Hồng Hương Khánh Lệ Linh Minh Ngọc Nhung Phượng Quỳnh Thảo Tuấn Uyên Việt",
        "Bùi Đặng Đinh Đỗ Dương Hồ Huỳnh Lê Lý Ngô Nguyễn Nguyễn-Thị Phạm Phan Trần Trương Võ Vũ",
        "{family} {given}",
    ),
    _language(
        "asia",
        12,
        "62",
        "Adi Budi Citra Dewi Eko Fitri Gita Indah Joko Kartika Lestari Made Putri Rizky Siti Wayan Yuni",
        "Halim Hartono Kusuma Nugroho Pratama Rahayu Saputra Setiawan Susanto Wibowo Wijaya",
    ),
    _language(
        "africa",
        42,
        "234",
        "Adaeze Adébáyọ̀ Amara Babátúndé Chiamaka Chidi Chinedu Ebele Emeka Fọlákẹ́ Ifeoma Kẹ́hìndé Ngozi Nkechi Obinna "
        "Ọláyínká Olúwaṣeun Tèmítọ́pẹ́ Uche Yétúndé Zainab",
        "Achebe Adébáyọ̀ Adéyẹmí Balógun Bello Danjuma Eze Ibrahim Mba Nnamdi Nwosu Obi Ògúnlànà Okafor Okeke Okonkwo "
        "Ọlátúnjí Ṣóyínká Yusuf",
    ),
    _language(
        "africa",
        28,
        "254",
        "Achieng Akinyi Barasa Cheptoo Jabari Kamau Kipchoge Makena Mwangi Njeri Otieno Wambui Wanjiru Zawadi Abebe "
        "Tigist Kwame Ama N'Golo Fatou",
        "Kamau Kariuki Kiptoo Mutua Mwai Ng'ang'a Ngugi Njoroge Odhiambo Omondi Onyango Wafula Tesfaye Bekele Mensah "
        "Owusu Diop N'Diaye",
    ),
)
"""Parts joined by a hyphen where a space belongs inside one part ("Nguyễn-Thị", "da-Silva", "Ó-Briain") are
written with a space; see `people`."""

SPACED = ("da-", "de-", "do-", "dos-", "Ó-", "Ní-", "Nguyễn-")
"""Beginnings of family names whose hyphen stands for a space in the lists above."""

SINGLE = (
    "Suharto",
    "Madhavan",
    "Wulandari",
    "Siddharth",
    "Nurhayati",
    "Lakshmi",
    "Budiono",
    "Ezhilarasi",
    "Yemi",
)
"""People with one name only."""

LONG = (
    (
        "Maria Antónia Josefa Carlota Benedita da Conceição Albuquerque de Vasconcelos e Sottomayor "
        "Pereira Coutinho Mascarenhas de Lencastre e Noronha Távora",
        "maria.noronha.tavora",
    ),
    (
        "Srinivasa Venkata Lakshmi Narasimha Satyanarayana Subrahmanya Siva Rama Krishna Prasad Vara Koteswara "
        "Tripurantakam Chidambaram Ananthapadmanabhan",
        "svln.ananthapadmanabhan",
    ),
    (
        "Wolfgang-Amadeus Karl-Friedrich Freiherr von und zu Hohenstein-Wolkenburg-Schwarzenfels auf Groß-Lübbenau",
        "wak.hohenstein",
    ),
)
"""Names that test the width of every column, and the address each owner uses."""
